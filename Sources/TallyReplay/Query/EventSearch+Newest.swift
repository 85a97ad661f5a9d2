// The same answers from the end of the log backwards: windows before the last one, each larger than
// the one behind it, until there is enough.

package import TallyCore
internal import TallyStore

extension EventSearch {
    /// How much larger each window is than the last.
    private static let growth = 4

    /// The newest events that a query asks for, newest first.
    ///
    /// - Parameters:
    ///   - tenant: whose events.
    ///   - query: what they must be like.
    ///   - end: the first position not to look at; `nil` for the end of the log.
    ///   - limit: 1 to 10,000 events.
    /// - Returns: the events, and the position before which to go on.
    /// - Throws: `projectionBehind` when the trail lacks too many events.
    /// - Complexity: a window is only larger than the last one where that held too few, so about
    ///   ``growth`` times as many matching events are opened as are shown.
    package func newest(
        _ tenant: TenantID,
        _ query: Query,
        before end: Int? = nil,
        limit: Int
    ) async throws(Problem) -> EventPage {
        let size = try await reader.size(tenant)
        var (upper, window) = (min(end ?? size, size), limit)
        var found: [OpenedEvent] = []
        while upper > 0, found.count < limit, !Self.isLarge(found) {
            let lower = max(0, upper - window)
            let range = lower..<upper
            let events = try await last(limit - found.count, tenant, query, range)
            found += events.found.reversed()
            upper = events.isCut ? events.found.first?.stored.position ?? lower : lower
            window = min(window * Self.growth, size)
            if events.isCut { break }
        }
        return EventPage(events: found, next: upper > 0 ? upper : nil)
    }

    /// The last matching events of a range, in order, and whether there are some before them.
    private func last(
        _ count: Int,
        _ tenant: TenantID,
        _ query: Query,
        _ range: Range<Int>
    ) async throws(Problem) -> (found: [OpenedEvent], isCut: Bool) {
        var kept: [OpenedEvent] = []
        var isCut = false
        var next = Optional(range.lowerBound)
        while let start = next {
            let page = try await events(
                tenant,
                query,
                from: start,
                to: range.upperBound,
                limit: ReplayLimits.answerPage.upperBound
            )
            let all = kept + page.events
            kept = Array(all.suffix(Self.fitting(all.reversed().prefix(count))))
            isCut = isCut || kept.count < all.count
            next = page.next
        }
        return (kept, isCut)
    }

    private static func isLarge(_ events: [OpenedEvent]) -> Bool {
        events.reduce(0) { $0 + $1.textBytes } >= ReplayLimits.answerBytes
    }

    /// How many events from the first one on make an answer: at least one.
    private static func fitting(_ events: some Sequence<OpenedEvent>) -> Int {
        var (count, bytes) = (0, 0)
        for event in events {
            bytes += event.textBytes
            guard count == 0 || bytes < ReplayLimits.answerBytes else { break }
            count += 1
        }
        return count
    }
}
