// What can be read of a tenant: events, documents, and both as they were.

public import TallyCore
public import TallyReplay
internal import TallyStore
internal import TallyVault

extension Tenant {
    /// The document of a stream, now or as it was; `nil` when there is none.
    ///
    /// ```swift
    /// let then = try await acme.document("billing/invoice/2041", at: .date(monday))
    /// ```
    ///
    /// Never stale: events that no projection has seen yet are folded in.
    /// - Parameters:
    ///   - stream: the stream.
    ///   - moment: when; `nil` for now. A time must have passed, and is closed: nothing can be
    ///     recorded at or before it any more.
    /// - Returns: the document.
    /// - Throws: `erased` when it was; `tooLarge` when it has outgrown 128 MiB; `invalid` or
    ///   `notFound` for a moment that does not exist; `misconfigured` when the stream cannot be
    ///   folded.
    /// - Complexity: O(events since the stored document), or since the last put or delete.
    public func document(
        _ stream: String,
        at moment: Moment? = nil
    ) async throws(Problem) -> Document? {
        do {
            let end = try await end(at: moment)
            let tag = try await ledger.vault.indexKey(id).tag(.stream, stream)
            return try await reader.document(id, tag, before: end).flatMap { Document($0) }
        } catch {
            throw Problem(error)
        }
    }

    /// A page of documents, now or as they were.
    ///
    /// - Parameters:
    ///   - collection: only documents of this collection, the part of a stream before its last
    ///     slash; `nil` for all.
    ///   - start: ``Documents/next`` of the page before.
    ///   - limit: 1 to 10,000; there are fewer where they hold more than 32 MiB.
    ///   - moment: when; `nil` for now.
    ///   - progress: is told how many documents are there.
    /// - Returns: the page, and what to ask for next.
    /// - Throws: `projectionBehind` when more than 10,000 events are not in stored documents yet:
    ///   run the projections (``ProjectionService``), then try again.
    public func documents(
        collection: String? = nil,
        after start: String? = nil,
        limit: Int = 100,
        at moment: Moment? = nil,
        progress: (Int) -> Void = { _ in }
    ) async throws(Problem) -> Documents {
        do {
            try Self.check(limit)
            let end = moment == nil ? nil : try await end(at: moment)
            let page = try await reader.documents(
                id,
                collection: collection,
                after: try Self.place(start),
                limit: limit,
                before: end,
                progress: progress
            )
            return Documents(
                documents: page.documents.compactMap { Document($0.document) },
                tooLarge: page.tooLarge,
                next: page.next?.hex
            )
        } catch {
            throw Problem(error)
        }
    }

    /// The events of a stream in the order of their versions.
    ///
    /// - Parameters:
    ///   - stream: the stream.
    ///   - version: only later versions than this one.
    ///   - limit: 1 to 10,000.
    ///   - moment: only events that counted then; `nil` for all.
    /// - Returns: the events; erased ones say so. They may be fewer than `limit` where they are
    ///   large: ask again after the last one's version until there are none.
    /// - Throws: `invalid` or `notFound` for a moment that does not exist.
    public func history(
        of stream: String,
        after version: Int = 0,
        limit: Int = 1000,
        at moment: Moment? = nil
    ) async throws(Problem) -> [Event] {
        do {
            return try await historyPage(of: stream, after: version, limit: limit, at: moment)
                .events
        } catch {
            throw Problem(error)
        }
    }

    /// The same, with the version to go on after; `nil` when there are no more.
    package func historyPage(
        of stream: String,
        after version: Int,
        limit: Int,
        at moment: Moment?
    ) async throws -> (events: [Event], next: Int?) {
        try Self.check(limit)
        let end = moment == nil ? Int.max : try await end(at: moment)
        let tag = try await ledger.vault.indexKey(id).tag(.stream, stream)
        let log = Session(pool: ledger.readers)
        let opener = EventOpener(vault: ledger.vault)
        var (events, bytes, last): ([Event], Int, Int) = ([], 0, max(0, version))
        while events.count < limit, bytes < ReplayLimits.answerBytes {
            let rows = try await log.events(
                id,
                stream: tag,
                after: last,
                limit: limit - events.count
            ).filter { $0.position < end }
            guard !rows.isEmpty else { return (events, nil) }
            for event in try await opener.open(rows, of: id) where bytes < ReplayLimits.answerBytes
            {
                guard event.stored.version == last + 1 else {
                    throw event.unfoldable(FoldError(.gap, at: last + 1))
                }
                last += 1
                bytes += event.textBytes
                events.append(Event(event))
            }
        }
        return (events, last)
    }

    /// Events that a query asks for, in order.
    ///
    /// - Parameters:
    ///   - query: as in `actor:user:17 type:invoice.* since:2026-11-01`; empty for all.
    ///   - position: only events after this position.
    ///   - limit: 1 to 10,000.
    /// - Returns: the events, and the position to go on from; `nil` when there are no more.
    /// - Throws: `invalid` with the place of what the query language does not know;
    ///   `projectionBehind` when the trail lacks too many events.
    public func events(
        where query: String,
        after position: Int = -1,
        limit: Int = 100
    ) async throws(Problem) -> (events: [Event], next: Int?) {
        try Self.check(limit)
        let search = EventSearch(pool: ledger.readers, vault: ledger.vault)
        let page = try await search.events(
            id,
            Query(query),
            from: max(-1, min(position, .max - 1)) + 1,
            limit: limit
        )
        return (page.events.map { Event($0) }, page.next.map { $0 - 1 })
    }

    /// The tenant's events after a position, without an end: new ones are waited for.
    ///
    /// - Parameters:
    ///   - position: the last position that is known already; -1 for none.
    ///   - query: which events; empty for all.
    /// - Returns: the events, each once and in order.
    /// - Throws: `invalid` for a query that is none, `unavailable` after ``Ledger/close()``.
    public func tail(
        after position: Int,
        where query: String = ""
    ) throws(Problem) -> EventSequence {
        try tail(after: EventCursor(position: position), where: query)
    }

    /// The tenant's events after the last one that was seen, without an end: new ones are waited
    /// for.
    ///
    /// With the event's hash in the cursor the history is checked, too: see ``EventSequence``.
    /// - Parameters:
    ///   - cursor: ``Event/cursor`` or ``EventCursor/start``.
    ///   - query: which events; empty for all.
    /// - Returns: the events, each once and in order.
    /// - Throws: `invalid` for a query that is none, `unavailable` after ``Ledger/close()``.
    public func tail(
        after cursor: EventCursor,
        where query: String = ""
    ) throws(Problem) -> EventSequence {
        let tail = EventTail(
            id,
            try Query(query),
            after: cursor.position,
            hash: cursor.hash,
            pool: ledger.readers,
            vault: ledger.vault,
            listener: try ledger.listener()
        )
        return EventSequence(tail: tail)
    }

    package var reader: DocumentReader {
        DocumentReader(pool: ledger.readers, vault: ledger.vault)
    }

    /// The first position that does not count at a moment.
    package func end(at moment: Moment?) async throws -> Int {
        guard let moment else { return try await Session(pool: ledger.readers).size(id) }
        return try await CutFinder(pool: ledger.readers).cut(id, at: moment).size
    }

    static func place(_ text: String?) throws(Problem) -> BlindTag? {
        guard let text else { return nil }
        guard let tag = BlindTag(text) else {
            throw Problem(
                .invalid,
                "not where a page ended",
                hint: "give what the page before said, 32 hexadecimal digits"
            )
        }
        return tag
    }

    static func check(_ limit: Int) throws(Problem) {
        guard ReplayLimits.answerPage.contains(limit) else {
            throw Problem(
                .invalid,
                "a page of \(limit)",
                hint: "ask for 1 to \(ReplayLimits.answerPage.upperBound) at a time"
            )
        }
    }
}
