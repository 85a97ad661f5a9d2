// Builds a projection again beside the live one, and puts it in its place: readers see the old
// tables until the new ones have come as far.

public import TallyCore
package import TallyPostgres
internal import TallyStore
package import TallyVault

/// What a rebuild made.
public struct RebuildReport: Sendable {
    /// The version that is live now.
    public let version: Int
    /// The events that were applied.
    public let events: Int
    /// The rows that were written.
    public let rows: Int
    /// Tenants of which not all events could be applied, with the reason: the event stops this
    /// tenant's projection, as it would have done without a rebuild.
    public let troubled: [TenantID: Problem]
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
    /// Whatever ends it early leaves the live version as it was; the next rebuild starts over. An
    /// event that cannot be applied ends nothing: its tenant gets what comes before it.
    /// - Parameters:
    ///   - name: `documents`, `trail` or a table projection.
    ///   - tenants: all tenants.
    ///   - definition: another definition for a table projection; `nil` for the one it has.
    ///   - progress: is told how many events are done.
    /// - Returns: what was made, and whose events could not all be applied.
    /// - Throws: `invalid` when a value does not fit a column of another definition, `unavailable`
    ///   when a database cannot be reached, `exists` when another rebuild or an erasure has come in
    ///   between.
    package func run(
        _ name: String,
        _ tenants: [TenantID],
        as definition: TableDefinition? = nil,
        progress: (Int) -> Void
    ) async throws(Problem) -> RebuildReport {
        let version = ProjectionVersion.next(try await begin(name, definition))
        let loader = try await loader(name, version, definition)
        var (events, rows) = (0, 0)
        var troubled: [TenantID: Problem] = [:]
        for tenant in tenants {
            let done = events
            do throws(Problem) {
                let loaded = try await load(loader, name, tenant, version) { progress(done + $0) }
                events += loaded.events
                rows += loaded.rows
            } catch {
                // Values that do not fit say something about another declaration.
                guard error.isOfTenant, definition == nil || error.code != .invalid else {
                    throw error
                }
                troubled[tenant] = error
                try await unload(loader, version, tenant)
            }
        }
        try await index(name, version.number)
        let stopped = try await swap(name, version.number, loader.projection, tenants)
        troubled.merge(stopped) { first, _ in first }
        return RebuildReport(
            version: version.number,
            events: events,
            rows: rows,
            troubled: troubled
        )
    }

    /// Removes what was loaded of a tenant: page by page its events are applied as far as they can
    /// be.
    private func unload(
        _ loader: any RebuildLoader,
        _ version: ProjectionVersion,
        _ tenant: TenantID
    ) async throws(Problem) {
        let tables = loader.tables.map { version.table($0, in: loader.schema) }
        let isOurs = loader.schema == "tally"
        try await Session(pool: projectors).scoped(tenant) { connection in
            try connection.execute("SET LOCAL statement_timeout = 0")
            let key: Parameter =
                isOurs ? .integer(try connection.slot(of: tenant)) : .uuid(tenant.bytes)
            for table in tables {
                _ = try connection.query(
                    "DELETE FROM \(table) WHERE \(isOurs ? "slot" : "tenant_id") = $1",
                    [key]
                )
            }
        }
    }

    private func begin(
        _ name: String,
        _ definition: TableDefinition?
    ) async throws(Problem) -> Int {
        try await Session(pool: projectors).run { connection in
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
    ) async throws(Problem) -> any RebuildLoader {
        switch name {
        case BuiltInProjection.documents:
            return DocumentsLoader(readers, projectors, vault, jobs, version)
        case BuiltInProjection.trail:
            return TrailLoader(readers, projectors, vault, jobs, version)
        default:
            let live = try await TableRegistry(projectors: projectors).find(name)
            guard let table = definition ?? live?.definition else {
                throw Problem(Superseded())
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
    ) async throws(Problem) -> (events: Int, rows: Int) {
        let size = try await Session(pool: readers).size(tenant)
        let skipped = try await Session(pool: projectors).scoped(tenant) { connection in
            try ProjectionStops.read(connection, tenant, name).skipped
        }
        let rows = try await loader.load(tenant, size, skipped, progress)
        try await Session(pool: projectors).scoped(tenant) { connection in
            _ = try connection.query(
                "SELECT tally.move_cursor($1, $2, $3, 0, $4)",
                [
                    .integer(try connection.slot(of: tenant)), .text(name),
                    .integer(Int32(clamping: version.number)), .bigint(Int64(clamping: size)),
                ]
            )
        }
        return (size, rows)
    }

    /// Applies what was appended meanwhile; what comes after that, readers fold themselves.
    ///
    /// Gives the tenants that an event holds up.
    private func catchUp(
        _ projection: any EventProjection,
        _ tenants: [TenantID]
    ) async throws(Problem) -> [TenantID: Problem] {
        let step = ProjectionStep(readers: readers, projectors: projectors, vault: vault)
        var troubled: [TenantID: Problem] = [:]
        for tenant in tenants {
            do throws(Problem) {
                troubled[tenant] = try await catchUp(projection, tenant, step)
            } catch {
                guard error.isOfTenant else { throw error }
                troubled[tenant] = error
            }
        }
        return troubled
    }

    private func catchUp(
        _ projection: any EventProjection,
        _ tenant: TenantID,
        _ step: ProjectionStep
    ) async throws(Problem) -> Problem? {
        while true {
            switch try await step.run(projection, tenant) {
            case .advanced(_, let left) where left > 0: continue
            case .raced: continue
            case .stopped(let position, let reason):
                return Problem(PoisonEvent(at: position, reason))
            case .advanced, .idle, .superseded: return nil
            }
        }
    }

    /// Indexes of a large table take longer than a statement usually may.
    private func index(_ name: String, _ version: Int) async throws(Problem) {
        try await Session(pool: projectors).run { connection in
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
    ) async throws(Problem) -> [TenantID: Problem] {
        let deadline = ContinuousClock.now + Self.swapPatience
        while true {
            let troubled = try await catchUp(projection, tenants)
            do throws(Problem) {
                try await exchange(name, version)
                return troubled
            } catch {
                guard error.code == .unavailable, ContinuousClock.now < deadline else {
                    throw error
                }
            }
            try? await Task.sleep(for: Self.swapPause)
        }
    }

    /// Whoever holds the tables is named in the error.
    private func exchange(_ name: String, _ version: Int) async throws(Problem) {
        do {
            try await projectors.withWatchedConnection(lookingEvery: Self.swapPause) { connection in
                _ = try connection.query(
                    "SELECT tally.swap_rebuild($1, $2)",
                    [.text(name), .integer(Int32(clamping: version))]
                )
            }
        } catch {
            throw Problem(error)
        }
    }
}

/// Fills the tables of the next version with one tenant's rows.
protocol RebuildLoader: Sendable {
    /// The projection that goes on from there.
    var projection: any EventProjection { get }
    /// The tables that it fills.
    var tables: [String] { get }
    /// The schema of these tables.
    var schema: String { get }

    /// Loads what the events before a position give, and returns the number of rows.
    func load(
        _ tenant: TenantID,
        _ size: Int,
        _ skipped: Set<Int>,
        _ progress: (Int) -> Void
    ) async throws(Problem) -> Int
}

extension Problem {
    /// Whether it says something about one tenant's events, and nothing about databases or other
    /// tenants.
    package var isOfTenant: Bool {
        switch code {
        case .invalid, .tooLarge, .notFound, .erased, .misconfigured: true
        default: false
        }
    }
}
