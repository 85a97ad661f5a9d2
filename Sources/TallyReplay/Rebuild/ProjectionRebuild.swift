// Builds a projection anew beside the live one, and puts it in its place: readers see the old tables
// until the new ones have come as far.

package import TallyCore
package import TallyPostgres
package import TallyStore
package import TallyVault

/// What a rebuild made.
package struct RebuildReport: Sendable {
    /// The version that is live now.
    package let version: Int
    /// The events that were applied.
    package let events: Int
    /// The rows that were written.
    package let rows: Int
}

/// Rebuilds the projections that the ledger keeps.
package struct ProjectionRebuild: Sendable {
    /// How long an exchange that meets a lock is tried again.
    private static let swapPatience = Duration.seconds(60)
    /// The pause between two tries.
    private static let swapPause = Duration.milliseconds(100)

    private let readers: ConnectionPool
    private let projectors: ConnectionPool
    private let vault: Vault
    private let jobs: Int

    /// Reads as tally_reader and writes as tally_projector, `jobs` pages at a time.
    package init(readers: ConnectionPool, projectors: ConnectionPool, vault: Vault, jobs: Int = 2) {
        self.readers = readers
        self.projectors = projectors
        self.vault = vault
        self.jobs = jobs
    }

    /// Rebuilds a projection for all tenants.
    ///
    /// Whatever ends it early leaves the live version as it was; the next rebuild begins anew.
    /// - Parameters:
    ///   - name: `documents`, `trail` or a table projection.
    ///   - tenants: all tenants.
    ///   - definition: another definition for a table projection; `nil` for the one it has.
    ///   - progress: is told how many events are done.
    /// - Returns: what was made.
    /// - Throws: `misconfigured` when an event cannot be applied: that is what `skip` is for.
    package func run(
        _ name: String,
        _ tenants: [TenantID],
        as definition: TableDefinition? = nil,
        progress: (Int) -> Void
    ) async throws(StoreError) -> RebuildReport {
        let version = ProjectionVersion.next(try await begin(name, definition))
        let loader = try await loader(name, version, definition)
        var (events, rows) = (0, 0)
        for tenant in tenants {
            let done = events
            let loaded = try await load(loader, name, tenant, version) { progress(done + $0) }
            events += loaded.events
            rows += loaded.rows
        }
        try await index(name, version.number)
        try await swap(name, version.number, loader.projection, tenants)
        return RebuildReport(version: version.number, events: events, rows: rows)
    }

    private func begin(
        _ name: String,
        _ definition: TableDefinition?
    ) async throws(StoreError) -> Int {
        try await LogReader(pool: projectors).run { connection in
            let rows = try connection.query(
                "SELECT tally.begin_rebuild($1, $2)",
                [.text(name), definition.map { .text($0.json) } ?? .noText]
            )
            return try rows.natural(0, 0)
        }
    }

    private func loader(
        _ name: String,
        _ version: ProjectionVersion,
        _ definition: TableDefinition?
    ) async throws(StoreError) -> any RebuildLoader {
        switch name {
        case BuiltInProjection.documents:
            return DocumentsLoader(readers, projectors, vault, jobs, version)
        case BuiltInProjection.trail:
            return TrailLoader(readers, projectors, vault, jobs, version)
        default:
            let live = try await TableRegistry(projectors: projectors).find(name)
            guard let table = definition ?? live?.definition else {
                throw ReplayFailure.error(Superseded())
            }
            return TableLoader(
                TableProjection(
                    table,
                    version: version,
                    readers: readers,
                    projectors: projectors,
                    vault: vault
                ),
                readers,
                vault,
                jobs
            )
        }
    }

    private func load(
        _ loader: any RebuildLoader,
        _ name: String,
        _ tenant: TenantID,
        _ version: ProjectionVersion,
        _ progress: (Int) -> Void
    ) async throws(StoreError) -> (events: Int, rows: Int) {
        let size = try await LogReader(pool: readers).size(tenant)
        let skipped = try await LogReader(pool: projectors).scoped(tenant) { connection in
            try ProjectionStops.read(connection, tenant, name).skipped
        }
        let rows = try await loader.load(tenant, size, skipped, progress)
        try await LogReader(pool: projectors).scoped(tenant) { connection in
            _ = try connection.query(
                "SELECT tally.move_cursor($1, $2, $3, 0, $4)",
                [
                    .uuid(tenant.bytes), .text(name), .integer(Int32(clamping: version.number)),
                    .bigint(Int64(clamping: size)),
                ]
            )
        }
        return (size, rows)
    }

    /// Applies what was appended meanwhile; what comes after that, readers fold themselves.
    private func catchUp(
        _ projection: any EventProjection,
        _ tenants: [TenantID]
    ) async throws(StoreError) {
        let step = ProjectionStep(readers: readers, projectors: projectors, vault: vault)
        for tenant in tenants {
            while case .advanced(_, let left) = try await step.run(projection, tenant) {
                if left == 0 { break }
            }
        }
    }

    /// Indexes of a large table take longer than a statement usually may.
    private func index(_ name: String, _ version: Int) async throws(StoreError) {
        try await LogReader(pool: projectors).run { connection in
            try connection.transaction {
                try connection.execute("SET LOCAL statement_timeout = 0")
                _ = try connection.query(
                    "SELECT tally.index_rebuild($1, $2)",
                    [.text(name), .integer(Int32(clamping: version))]
                )
            }
        }
    }

    /// Exchanges the versions once nobody holds the live tables; meanwhile the new one keeps up.
    private func swap(
        _ name: String,
        _ version: Int,
        _ projection: any EventProjection,
        _ tenants: [TenantID]
    ) async throws(StoreError) {
        let deadline = ContinuousClock.now + Self.swapPatience
        while true {
            try await catchUp(projection, tenants)
            do throws(StoreError) {
                return try await exchange(name, version)
            } catch {
                guard error.code == .unavailable, ContinuousClock.now < deadline else {
                    throw error
                }
            }
            try? await Task.sleep(for: Self.swapPause)
        }
    }

    /// Whoever holds the tables is named in the error.
    private func exchange(_ name: String, _ version: Int) async throws(StoreError) {
        do {
            try await projectors.withWatchedConnection(lookingEvery: Self.swapPause) { connection in
                _ = try connection.query(
                    "SELECT tally.swap_rebuild($1, $2)",
                    [.text(name), .integer(Int32(clamping: version))]
                )
            }
        } catch {
            throw ReplayFailure.error(error)
        }
    }
}

/// Fills the tables of the next version with one tenant's rows.
protocol RebuildLoader: Sendable {
    /// The projection that goes on from there.
    var projection: any EventProjection { get }

    /// Loads what the events before a position give, and returns the number of rows.
    func load(
        _ tenant: TenantID,
        _ size: Int,
        _ skipped: Set<Int>,
        _ progress: (Int) -> Void
    ) async throws(StoreError) -> Int
}
