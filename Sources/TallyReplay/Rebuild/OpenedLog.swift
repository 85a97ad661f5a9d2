// A tenant's whole log, opened, page by page and in order, with several pages on their way at a time.

internal import TallyCore
internal import TallyPostgres
internal import TallyStore
internal import TallyVault

/// Reads and opens ranges of a log.
struct OpenedLog: Sendable {
    private let pages: PageReader
    private let jobs: Int

    init(pool: ConnectionPool, vault: Vault, jobs: Int) {
        pages = PageReader(reader: LogReader(pool: pool), vault: vault)
        self.jobs = max(1, jobs)
    }

    /// Gives `body` the events of a range, some at a time and in order.
    ///
    /// - Throws: what `body` throws; a ``PoisonEvent`` for one that is missing and not skipped.
    func read(
        _ tenant: TenantID,
        _ range: Range<Int>,
        skipping skipped: Set<Int> = [],
        _ body: ([OpenedEvent], _ end: Int) async throws -> Void
    ) async throws {
        var next = range.lowerBound
        var running: [(range: Range<Int>, page: Task<([OpenedEvent], Int), any Error>)] = []
        defer { for task in running { task.page.cancel() } }
        func start() {
            guard next < range.upperBound else { return }
            let page = next..<min(next + StoreLimits.pageEvents, range.upperBound)
            next = page.upperBound
            running.append((page, Task { try await events(tenant, page, skipped) }))
        }
        for _ in 0..<jobs { start() }
        while !running.isEmpty {
            try Task.checkCancellation()
            let first = running.removeFirst()
            var (events, end) = try await first.page.value
            start()
            try await body(events, end)
            // What did not fit into the page comes next, alone.
            while end < first.range.upperBound {
                let rest = end..<first.range.upperBound
                (events, end) = try await self.events(tenant, rest, skipped)
                try await body(events, end)
            }
        }
    }

    @concurrent
    private func events(
        _ tenant: TenantID,
        _ range: Range<Int>,
        _ skipped: Set<Int>
    ) async throws -> ([OpenedEvent], Int) {
        let page = try await pages.read(tenant, range, skipping: skipped)
        return (page.events, page.end)
    }
}
