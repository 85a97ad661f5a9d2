// A tenant's whole log, opened, page by page and in order, with several pages on their way at a
// time.

package import TallyCore
package import TallyPostgres
package import TallyStore
package import TallyVault

/// Reads and opens ranges of a log.
package struct OpenedLog: Sendable {
    private let pages: PageReader
    private let prefetch: OrderedPrefetch

    /// Reads through connections of role tally_reader, `jobs` pages at a time.
    package init(pool: ConnectionPool, vault: Vault, jobs: Int) {
        pages = PageReader(reader: Session(pool: pool), vault: vault)
        prefetch = OrderedPrefetch(jobs: jobs)
    }

    /// Gives `body` the events of a range, some at a time and in order.
    ///
    /// - Throws: what `body` throws; a ``PoisonEvent`` for one that is missing and not skipped.
    package func read(
        _ tenant: TenantID,
        _ range: Range<Int>,
        skipping skipped: Set<Int> = [],
        _ body: ([OpenedEvent], _ end: Int) async throws -> Void
    ) async throws {
        var next = range.lowerBound
        let page = { () -> Range<Int>? in
            guard next < range.upperBound else { return nil }
            defer { next = min(next + StoreLimits.pageEvents, range.upperBound) }
            return next..<min(next + StoreLimits.pageEvents, range.upperBound)
        }
        try await prefetch.each(page) {
            try await events(tenant, $0, skipped)
        } _: { page, done in
            try Task.checkCancellation()
            var (events, end) = done
            try await body(events, end)
            // What did not fit into the page comes next, alone.
            while end < page.upperBound {
                (events, end) = try await self.events(tenant, end..<page.upperBound, skipped)
                try await body(events, end)
            }
        }
    }

    private func events(
        _ tenant: TenantID,
        _ range: Range<Int>,
        _ skipped: Set<Int>
    ) async throws -> ([OpenedEvent], Int) {
        let page = try await pages.read(tenant, range, skipping: skipped)
        return (page.events, page.end)
    }
}
