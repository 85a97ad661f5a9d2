// A page of a log, opened, with every event in its place: a hole is never passed over.

internal import TallyCore
internal import TallyStore
internal import TallyVault

/// Reads pages of a tenant's log.
struct PageReader: Sendable {
    private let reader: Session
    private let opener: EventOpener

    init(reader: Session, vault: Vault) {
        self.reader = reader
        opener = EventOpener(vault: vault)
    }

    /// The first events of a range, as many as fit into a page; at least one.
    ///
    /// - Parameters:
    ///   - tenant: whose log.
    ///   - range: positions that there are, at least one.
    ///   - skipped: positions that may be missing or damaged.
    /// - Returns: the events that are not skipped, and the position after the page.
    /// - Throws: ``PoisonEvent`` for the first event that is missing or not in the format.
    func read(
        _ tenant: TenantID,
        _ range: Range<Int>,
        skipping skipped: Set<Int> = []
    ) async throws -> (events: [OpenedEvent], end: Int) {
        let rows = try await reader.page(tenant, range)
        let end = rows.last.map { $0.position + 1 } ?? range.upperBound
        let opened = try await opener.open(rows, of: tenant)
        var at = opened.startIndex
        var events: [OpenedEvent] = []
        events.reserveCapacity(opened.count)
        for position in range.lowerBound..<end {
            let isThere = at < opened.count && opened[at].stored.position == position
            if isThere, !skipped.contains(position) { events.append(opened[at]) }
            if isThere { at += 1 }
            guard isThere || skipped.contains(position) else {
                throw PoisonEvent(at: position, "the event is missing or not in the format")
            }
        }
        return (events, end)
    }
}
