// The lists of a tenant from their newest entry backwards.

internal import TallyCore
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
        do {
            try Self.check(limit)
            let page = try await EventSearch(pool: ledger.readers, vault: ledger.vault)
                .newest(id, Query(query), before: position, limit: limit)
            return (page.events.map { Event($0) }, page.next)
        } catch {
            throw Problem(error)
        }
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
            try Self.check(limit)
            let end = moment == nil ? Int.max : try await end(at: moment)
            let (tenant, tag) = (id, try await ledger.vault.indexKey(id).tag(.stream, stream))
            let through = (version ?? Int(Int32.max)) - 1
            let rows = try await LogReader(pool: ledger.readers).scoped(tenant) { connection in
                try LogReader.newest(
                    connection,
                    tenant,
                    stream: tag,
                    through: through,
                    before: end,
                    limit: limit
                )
            }
            return try await EventOpener(vault: ledger.vault).open(rows, of: id).map { Event($0) }
        } catch {
            throw Problem(error)
        }
    }

    /// The newest event of each stream, newest first.
    ///
    /// - Parameters:
    ///   - position: only streams whose newest event is before this position; `nil` for all.
    ///   - limit: 1 to 10,000.
    /// - Returns: the events, and the position before which to go on; `nil` when there are no more.
    /// - Throws: `invalid` for another limit.
    /// - Complexity: O(events between the first stream and the last one that is given).
    public func newestOfStreams(
        before position: Int? = nil,
        limit: Int = 100
    ) async throws(Problem) -> (events: [Event], next: Int?) {
        do {
            try Self.check(limit)
            let rows = try await LogReader(pool: ledger.readers)
                .newestStreams(id, before: position ?? .max, end: .max, limit: limit)
            let events = try await EventOpener(vault: ledger.vault).open(rows, of: id)
            return (events.map { Event($0) }, rows.count < limit ? nil : rows.last?.position)
        } catch {
            throw Problem(error)
        }
    }

    /// Documents by when they were changed, newest first, now or as they were.
    ///
    /// - Parameters:
    ///   - collection: only documents of this collection; `nil` for all.
    ///   - position: only documents whose newest event is before this position; `nil` for all.
    ///   - limit: 1 to 10,000.
    ///   - moment: when; `nil` for now.
    /// - Returns: the documents, and the position before which to go on; `nil` when there are no more.
    /// - Throws: `invalid` or `notFound` for a moment that does not exist.
    /// - Complexity: O(events between the first document and the last one that is given), and a
    ///   document's own for each.
    public func newestDocuments(
        collection: String? = nil,
        before position: Int? = nil,
        limit: Int = 100,
        at moment: Moment? = nil
    ) async throws(Problem) -> (documents: [Document], next: Int?) {
        do {
            try Self.check(limit)
            let end = try await end(at: moment)
            let log = LogReader(pool: ledger.readers)
            var (documents, next) = ([Document](), Optional(position ?? .max))
            while let before = next, documents.count < limit {
                let rows = try await log.newestStreams(id, before: before, end: end, limit: limit)
                next = rows.count < limit ? nil : rows.last?.position
                for (index, row) in rows.enumerated() {
                    guard documents.count < limit else {
                        next = rows[index - 1].position
                        break
                    }
                    let document = try await document(row, before: end, in: collection)
                    if let document { documents.append(document) }
                }
            }
            return (documents, next)
        } catch {
            throw Problem(error)
        }
    }

    private func document(
        _ row: StoredEvent,
        before end: Int,
        in collection: String?
    ) async throws -> Document? {
        guard let stream = row.stream,
            let folded = try await reader.document(id, stream, before: end),
            collection?.utf8.elementsEqual(folded.stream.collection.utf8) ?? true
        else { return nil }
        return Document(folded)
    }
}
