// A tenant's whole log, opened, page by page and in order, with several pages on their way at a time.

internal import TallyCore
internal import TallyPostgres
internal import TallyStore
internal import TallyVault

/// Reads and opens ranges of a log.
struct OpenedLog: Sendable {
    private let reader: LogReader
    private let opener: EventOpener
    private let jobs: Int

    init(pool: ConnectionPool, vault: Vault, jobs: Int) {
        reader = LogReader(pool: pool)
        opener = EventOpener(vault: vault)
        self.jobs = max(1, jobs)
    }

    /// Gives `body` the events of a range, a page at a time.
    ///
    /// - Throws: what `body` throws; `misconfigured` when an event is missing.
    func read(
        _ tenant: TenantID,
        _ range: Range<Int>,
        _ body: ([OpenedEvent]) async throws -> Void
    ) async throws {
        var next = range.lowerBound
        var running: [Task<[OpenedEvent], any Error>] = []
        defer { for task in running { task.cancel() } }
        func start() {
            guard next < range.upperBound else { return }
            let page = next..<min(next + StoreLimits.pageEvents, range.upperBound)
            next = page.upperBound
            running.append(Task { try await events(tenant, page) })
        }
        for _ in 0..<jobs { start() }
        while !running.isEmpty {
            try Task.checkCancellation()
            let events = try await running.removeFirst().value
            start()
            try await body(events)
        }
    }

    @concurrent
    private func events(_ tenant: TenantID, _ range: Range<Int>) async throws -> [OpenedEvent] {
        let opened = try await opener.open(reader.events(tenant, range), of: tenant)
        for (position, event) in zip(range, opened) where event.stored.position != position {
            throw StoreError.gap(at: position)
        }
        guard opened.count == range.count else {
            throw StoreError.gap(at: range.lowerBound + opened.count)
        }
        return opened
    }
}
