// Reads a log range by range: several at a time are read, hashed and opened, and they are handed
// on in order.

internal import TallyCore
internal import TallyPostgres
internal import TallyStore
internal import TallyVault

/// Reads and checks rows of a log by themselves.
struct LogRanges: Sendable {
    /// One range on its way to the ordered pass.
    struct Page: Sendable {
        let records: [EventRecord]
        /// The events opened, where there are keys.
        let opened: [OpenedEvent]
    }

    private let tenant: TenantID
    private let slot: Int32
    private let reader: Session
    private let prefetch: OrderedPrefetch
    private let opener: EventOpener?

    /// Reads `jobs` ranges of a tenant's slot at a time and opens them with the keys of `vault`.
    init(_ tenant: TenantID, slot: Int32, reader: Session, jobs: Int, vault: Vault?) {
        (self.tenant, self.slot) = (tenant, slot)
        self.reader = reader
        prefetch = OrderedPrefetch(jobs: jobs)
        opener = vault.map { EventOpener(vault: $0) }
    }

    /// Gives `body` the rows of positions from 0 to `end`, in order.
    ///
    /// Where a range has no rows the next ones are looked up, so a gap costs nothing however
    /// wide it is.
    func read(below end: Int, _ body: (Page) -> Void) async throws(Problem) {
        var next = 0
        let range = { () -> Range<Int>? in
            guard next < end else { return nil }
            let range =
                next..<(end - next <= StoreLimits.pageEvents ? end : next + StoreLimits.pageEvents)
            next = range.upperBound
            return range
        }
        do {
            try await prefetch.each(range) {
                try await check($0)
            } _: { range, page in
                if page.records.isEmpty {
                    next = max(next, try await first(range.upperBound) ?? end)
                }
                body(page)
            }
        } catch {
            throw Problem(error)
        }
    }

    /// The first position from `start` on that has a row.
    private func first(_ start: Int) async throws(Problem) -> Int? {
        let slot = slot
        return try await reader.run { connection in
            let rows = try connection.query(
                """
                SELECT position FROM tally.event WHERE slot = $1 AND position >= $2
                ORDER BY position LIMIT 1
                """,
                [.integer(slot), .bigint(Int64(clamping: start))]
            )
            return rows.count == 0 ? nil : Int(try rows.integer(0, 0))
        }
    }

    private func check(_ range: Range<Int>) async throws(Problem) -> Page {
        let (tenant, keepsRows) = (tenant, opener != nil)
        let (records, rows) = try await reader.read(slot: slot, range) { rows in
            var hasher = EventHasher(tenant: tenant)
            var records: [EventRecord] = []
            var kept: [StoredEvent] = []
            records.reserveCapacity(range.count)
            try rows { row in
                records.append(hasher.check(row))
                if keepsRows { kept.append(row) }
            }
            return (records, kept)
        }
        return Page(records: records, opened: try await opener?.open(rows, of: tenant) ?? [])
    }
}
