// The streams of a tenant, each by its newest event.

public import TallyCore
internal import TallyCrypto
internal import TallyStore

extension Tenant {
    /// The newest event of each stream, in an order that is arbitrary but always the same.
    ///
    /// - Parameters:
    ///   - cursor: what the page before gave as `next`; `nil` for the first page.
    ///   - limit: 1 to 10,000.
    /// - Returns: the events, and where to go on; `nil` when there are no more.
    /// - Throws: `invalid` for another limit, and for what is no such cursor.
    /// - Complexity: O(streams that are given) index look-ups.
    public func streams(
        after cursor: String? = nil,
        limit: Int = 100
    ) async throws(Problem) -> (events: [Event], next: String?) {
        try Self.check(limit)
        guard let start = cursor.map({ BlindTag($0) }) ?? .zero else {
            throw Problem(
                .invalid,
                "no cursor of a list of streams",
                hint: "give what the page before gave as next"
            )
        }
        let (rows, isLast) = try await Session(pool: ledger.readers)
            .newestOfStreams(id, after: start, limit: limit)
        let events = try await EventOpener(vault: ledger.vault).open(rows, of: id)
        return (events.map { Event($0) }, isLast ? nil : rows.last?.stream?.hex)
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
        try Self.check(limit)
        let reader = Session(pool: ledger.readers)
        let rows = try await reader.newestStreams(
            id,
            before: position ?? .max,
            end: .max,
            limit: limit
        )
        let events = try await EventOpener(vault: ledger.vault).open(rows, of: id)
        guard let last = rows.last?.position else { return ([], nil) }
        let rest = try await reader.newestStreams(id, before: last, end: .max, limit: 1)
        return (events.map { Event($0) }, rest.isEmpty ? nil : last)
    }

    /// The newest event of a stream; `nil` when there is none.
    ///
    /// - Complexity: one index look-up.
    public func newestEvent(of stream: String) async throws(Problem) -> Event? {
        try await newestHistory(of: stream, limit: 1).first
    }
}
