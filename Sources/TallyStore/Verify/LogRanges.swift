// Reads a log range by range: several at a time are read, hashed and opened, and they are handed
// on in order.

internal import TallyCore
internal import TallyPostgres
internal import TallyVault

/// Reads and checks rows of a log by themselves.
struct LogRanges: Sendable {
    /// One range on its way to the ordered pass.
    struct Page: Sendable {
        let records: [EventRecord]
        /// The events opened, where there are keys.
        let opened: [OpenedEvent]
    }

    private let reader: LogReader
    private let jobs: Int
    private let opener: EventOpener?

    /// Reads `jobs` ranges at a time and opens them with the keys of `vault`.
    init(reader: LogReader, jobs: Int, vault: Vault?) {
        self.reader = reader
        self.jobs = max(1, jobs)
        opener = vault.map { EventOpener(vault: $0) }
    }

    /// Gives `body` the rows of positions from 0 to `end`, in order.
    ///
    /// Where a range has no rows the next ones are looked up, so a gap costs nothing however
    /// wide it is.
    func read(
        _ tenant: TenantID,
        below end: Int,
        _ body: (Page) -> Void
    ) async throws(StoreError) {
        var next = 0
        var running: [(range: Range<Int>, page: Task<Result<Page, StoreError>, Never>)] = []
        defer { for task in running { task.page.cancel() } }
        func startNext() {
            guard next < end else { return }
            let isLast = end - next <= StoreLimits.pageEvents
            let range = next..<(isLast ? end : next + StoreLimits.pageEvents)
            next = range.upperBound
            running.append((range, Task { await check(tenant, range) }))
        }
        for _ in 0...jobs { startNext() }
        while !running.isEmpty {
            let task = running.removeFirst()
            let page = try await task.page.value.get()
            if page.records.isEmpty {
                next = max(next, try await first(tenant, task.range.upperBound) ?? end)
            }
            startNext()
            body(page)
        }
    }

    /// The first position from `start` on that has a row.
    private func first(_ tenant: TenantID, _ start: Int) async throws(StoreError) -> Int? {
        try await reader.run { connection in
            let rows = try connection.query(
                """
                SELECT position FROM tally.event WHERE tenant_id = $1 AND position >= $2
                ORDER BY position LIMIT 1
                """,
                [.uuid(tenant.bytes), .bigint(Int64(clamping: start))]
            )
            return rows.count == 0 ? nil : Int(try rows.integer(0, 0))
        }
    }

    @concurrent
    private func check(
        _ tenant: TenantID,
        _ range: Range<Int>
    ) async -> Result<Page, StoreError> {
        do throws(StoreError) {
            let keepsRows = opener != nil
            let (records, rows) = try await reader.read(tenant, range) { rows in
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
            let opened = try await opener?.open(rows, of: tenant) ?? []
            return .success(Page(records: records, opened: opened))
        } catch {
            return .failure(error)
        }
    }
}
