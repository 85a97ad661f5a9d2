// Runs a query: the trail finds candidates by their tags, and each is opened and judged itself, so
// an answer is that of a scan. What the trail does not have yet is scanned.

package import TallyCore
internal import TallyCrypto
package import TallyPostgres
package import TallyStore
package import TallyVault

/// A page of an answer.
package struct EventPage: Sendable {
    /// The events in order.
    package let events: [OpenedEvent]
    /// The position to go on from; `nil` when there is nothing more.
    package let next: Int?
}

/// Finds events of tenants.
package struct EventSearch: Sendable {
    let reader: Session
    let opener: EventOpener
    private let pages: PageReader
    private let dictionary: DictionaryReader
    private let vault: Vault

    /// Reads through connections of role tally_reader.
    package init(pool: ConnectionPool, vault: Vault) {
        reader = Session(pool: pool)
        opener = EventOpener(vault: vault)
        pages = PageReader(reader: reader, vault: vault)
        dictionary = DictionaryReader(reader: reader, vault: vault)
        self.vault = vault
    }

    /// Events that a query asks for, from a position on.
    ///
    /// - Parameters:
    ///   - tenant: whose events.
    ///   - query: what they must be like.
    ///   - start: the first position to look at.
    ///   - end: the first position not to look at; `nil` for the end of the log.
    ///   - limit: 1 to 10,000 events.
    /// - Returns: the events, and where to go on.
    /// - Throws: `projectionBehind` when the trail lacks too many events.
    /// - Complexity: O(events with the rarest of the query's values), not of the log; of kinds that
    ///   the ledger writes itself O(events of those). Leaving kinds out costs a look at each event.
    package func events(
        _ tenant: TenantID,
        _ query: Query,
        from start: Int = 0,
        to end: Int? = nil,
        limit: Int
    ) async throws(Problem) -> EventPage {
        let extent = try await extent(tenant, query)
        let range =
            max(
                start,
                extent.range.lowerBound
            )..<max(
                start,
                min(end ?? .max, extent.range.upperBound),
                extent.range.lowerBound
            )
        var search = Search(tenant: tenant, query: query, end: range.upperBound, limit: limit)
        search.next = range.lowerBound
        if query.kinds.allSatisfy({ !$0.isSealed }) {
            try await collectOwn(&search)
        } else if query.terms.isEmpty {
            try await scan(&search)
        } else {
            let trail = min(extent.trail, range.upperBound)
            guard range.upperBound - max(trail, search.next) <= ReplayLimits.tailEvents else {
                throw Self.behind(range.upperBound - trail)
            }
            if search.next < trail { try await follow(&search, trail) }
            try await scan(&search)
        }
        let isDone = search.next >= range.upperBound
        return EventPage(events: search.found, next: isDone ? nil : search.next)
    }

    /// A search under way.
    struct Search {
        let tenant: TenantID
        let query: Query
        let end: Int
        let limit: Int
        var next = 0
        var found: [OpenedEvent] = []

        private var bytes = 0

        init(tenant: TenantID, query: Query, end: Int, limit: Int) {
            (self.tenant, self.query, self.end, self.limit) = (tenant, query, end, limit)
        }

        /// How many may still be found in one question.
        var wanted: Int { min(limit - found.count, ReplayLimits.pageEvents) }

        var isFull: Bool { found.count >= limit || bytes >= ReplayLimits.answerBytes }

        /// Takes what matches, and moves on past the last event that was looked at.
        mutating func take(_ events: [OpenedEvent], through end: Int) {
            for event in events where query.matches(event) {
                guard !isFull else {
                    next = event.stored.position
                    return
                }
                found.append(event)
                bytes += event.textBytes
            }
            next = end
        }
    }

    private func scan(_ search: inout Search) async throws(Problem) {
        while search.next < search.end, !search.isFull {
            let end = min(search.next + ReplayLimits.pageEvents, search.end)
            do {
                let page = try await pages.read(search.tenant, search.next..<end)
                search.take(page.events, through: page.end)
            } catch let poison as PoisonEvent {
                throw Problem.gap(at: poison.position)
            } catch {
                throw Problem(error)
            }
        }
    }

    private func follow(_ search: inout Search, _ bound: Int) async throws(Problem) {
        guard let groups = try await groups(search.query, search.tenant) else {
            search.next = bound
            return
        }
        let tenant = search.tenant
        while search.next < bound, !search.isFull {
            let start = search.next
            let wanted = search.wanted
            let found = try await reader.scoped(
                tenant,
                isSnapshot: true,
                locking: "tally.event_tag"
            ) { connection in
                // A rebuild may have put a trail in its place that has not come as far.
                let trail = BuiltInProjection.trail
                let known = try ProjectionProgress.read(connection, tenant, trail).position
                let end = max(start, min(bound, known))
                let positions = try groups.positions(connection, tenant, start..<end, wanted)
                let rows = try Session.events(connection, tenant, at: positions)
                return Found(positions, rows, end: end, isLast: positions.count < wanted)
            }
            if try await take(found, &search), found.end < bound { return }
        }
    }

    /// Events that may match, by their positions, and the rows of the first of them.
    struct Found: Sendable {
        let positions: [Int]
        let rows: [StoredEvent]
        /// The first position that was not asked for.
        let end: Int
        /// Whether there are no more before that.
        let isLast: Bool

        init(_ positions: [Int], _ rows: [StoredEvent], end: Int, isLast: Bool) {
            (self.positions, self.rows, self.end, self.isLast) = (positions, rows, end, isLast)
        }
    }

    /// Opens what was found and takes what matches; gives whether everything up to the end was
    /// seen.
    func take(_ found: Found, _ search: inout Search) async throws(Problem) -> Bool {
        let events = try await opener.open(found.rows, of: search.tenant)
        for (position, event) in zip(found.positions, events)
        where event.stored.position != position { throw Problem.gap(at: position) }
        if events.isEmpty, let missing = found.positions.first {
            throw Problem.gap(at: missing)
        }
        // A page holds the rows that fit: one missing behind them comes first in the next.
        let isWhole = found.isLast && events.count == found.positions.count
        let end = isWhole ? found.end : (found.rows.last?.position ?? found.end) + 1
        search.take(events, through: end)
        return isWhole
    }

    // MARK: - Where to look

    private struct Extent: Sendable {
        let range: Range<Int>
        /// The events that the trail knows.
        let trail: Int
    }

    private func extent(_ tenant: TenantID, _ query: Query) async throws(Problem) -> Extent {
        let (since, until) = (query.since, query.until)
        return try await reader.scoped(tenant, isSnapshot: true) { connection in
            let progress = try ProjectionProgress.read(connection, tenant, BuiltInProjection.trail)
            // The events before a time: those recorded at or before the µs before it.
            func cut(_ time: UInt64?) throws -> Int? {
                guard let time else { return nil }
                guard time > 0 else { return 0 }
                let rows = try connection.query(
                    "SELECT tally.cut_at($1, $2)",
                    [.integer(try connection.slot(of: tenant)), .bigint(Int64(clamping: time - 1))]
                )
                return try rows.natural(0, 0)
            }
            let first = try cut(since) ?? 0
            let last = try cut(until) ?? progress.size
            return Extent(range: first..<max(first, last), trail: progress.position)
        }
    }

    /// The tags that a query's terms stand for; `nil` when one of them stands for none.
    private func groups(
        _ query: Query,
        _ tenant: TenantID
    ) async throws(Problem) -> QueryGroups? {
        let index = try await vault.index(tenant)
        let needsWords = query.terms.values.contains { $0.contains(where: \.isPrefix) }
        let words = needsWords ? try await dictionary.words(tenant) : []
        return try QueryGroups(query, index: index, words: words)
    }

    private static func behind(_ events: Int) -> Problem {
        Problem(
            .projectionBehind,
            "the trail is \(events) events behind the log",
            hint: "let a process with the projections run, or: \(.rebuildProjection("trail"))"
        )
    }
}
