// The lists of a tenant from their newest entry backwards.

public import TallyCore
public import TallyReplay
internal import TallyStore
internal import TallyVault

extension Tenant {
    /// The newest events that a query asks for, newest first.
    ///
    /// - Parameters:
    ///   - query: as in `actor:user:17 type:invoice.*`; empty for all.
    ///   - position: only events before this position; `nil` for the newest of all.
    ///   - limit: 1 to 10,000.
    /// - Returns: the events, and the position before which to go on; `nil` when there are no more.
    /// - Throws: as ``events(where:after:limit:)``.
    public func newestEvents(
        where query: String = "",
        before position: Int? = nil,
        limit: Int = 100
    ) async throws(Problem) -> (events: [Event], next: Int?) {
        try Self.check(limit)
        let page = try await EventSearch(pool: ledger.readers, vault: ledger.vault)
            .newest(id, Query(query), before: position, limit: limit)
        return (page.events.map { Event($0) }, page.next)
    }

    /// The newest events of a stream, newest first.
    ///
    /// - Parameters:
    ///   - stream: the stream.
    ///   - version: only versions before this one; `nil` for the newest of all.
    ///   - limit: 1 to 10,000.
    ///   - moment: only events that counted then; `nil` for all.
    /// - Returns: the events; erased ones say so.
    /// - Throws: `invalid` or `notFound` for a moment that does not exist.
    public func newestHistory(
        of stream: String,
        before version: Int? = nil,
        limit: Int = 1000,
        at moment: Moment? = nil
    ) async throws(Problem) -> [Event] {
        do {
            return try await newestHistoryPage(
                of: stream,
                before: version,
                limit: limit,
                at: moment
            ).events
        } catch {
            throw Problem(error)
        }
    }

    /// The same, with the version before which to go on; `nil` when there are no more.
    package func newestHistoryPage(
        of stream: String,
        before version: Int?,
        limit: Int,
        at moment: Moment?
    ) async throws -> (events: [Event], next: Int?) {
        try Self.check(limit)
        let end = moment == nil ? Int.max : try await end(at: moment)
        let (tenant, tag) = (id, try await ledger.vault.indexKey(id).tag(.stream, stream))
        let log = Session(pool: ledger.readers)
        let opener = EventOpener(vault: ledger.vault)
        var (events, bytes, last): ([Event], Int, Int) = ([], 0, version ?? Int(Int32.max))
        while events.count < limit, bytes < ReplayLimits.answerBytes {
            let (through, wanted) = (last - 1, limit - events.count)
            let rows = try await log.scoped(tenant) { connection in
                try Session.newest(
                    connection,
                    tenant,
                    stream: tag,
                    through: through,
                    before: end,
                    limit: wanted
                )
            }
            guard let oldest = rows.last?.version else { return (events, nil) }
            for event in try await opener.open(rows, of: id) where bytes < ReplayLimits.answerBytes
            {
                bytes += event.textBytes
                events.append(Event(event))
            }
            last = events.last?.version ?? oldest
        }
        return (events, last > 1 ? last : nil)
    }

    /// Documents by when they were changed, newest first, now or as they were.
    ///
    /// - Parameters:
    ///   - collection: only documents of this collection; `nil` for all.
    ///   - position: only documents whose newest event is before this position; `nil` for all.
    ///   - limit: 1 to 10,000.
    ///   - moment: when; `nil` for now.
    /// - Returns: the documents, the streams whose documents have outgrown 128 MiB, and the
    ///   position before which to go on; `nil` when there are no more. There are fewer documents
    ///   than `limit` where they hold more than 32 MiB.
    /// - Throws: `invalid` or `notFound` for a moment that does not exist.
    /// - Complexity: O(events between the first document and the last one that is given), and a
    ///   document's own for each.
    public func newestDocuments(
        collection: String? = nil,
        before position: Int? = nil,
        limit: Int = 100,
        at moment: Moment? = nil
    ) async throws(Problem) -> (documents: [Document], tooLarge: [String], next: Int?) {
        do {
            try Self.check(limit)
            let end = try await end(at: moment)
            let log = Session(pool: ledger.readers)
            var page = NewestDocuments(collection: collection, limit: limit)
            var next = position ?? .max
            while true {
                let rows = try await log.newestStreams(id, before: next, end: end, limit: limit)
                guard !rows.isEmpty else { return (page.documents, page.tooLarge, nil) }
                let last = try await reader.newest(id, rows) { page.add($0) }
                if let last { return (page.documents, page.tooLarge, last) }
                next = rows.last?.position ?? 0
            }
        } catch {
            throw Problem(error)
        }
    }
}

/// A page of documents under way.
private struct NewestDocuments {
    let collection: String?
    let limit: Int
    var documents: [Document] = []
    var tooLarge: [String] = []
    private var bytes = 0

    init(collection: String?, limit: Int) {
        (self.collection, self.limit) = (collection, limit)
    }

    /// Takes a stream; says whether there is room for more.
    mutating func add(_ folded: FoldedStream) -> Bool {
        if folded.isTooLarge { tooLarge.append(folded.stream) }
        if collection?.utf8.elementsEqual(folded.stream.collection.utf8) ?? true,
            let document = Document(folded)
        {
            documents.append(document)
            bytes += folded.content?.weight ?? 0
        }
        return documents.count < limit && bytes < ReplayLimits.answerBytes
    }
}
