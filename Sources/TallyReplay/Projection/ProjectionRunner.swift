// Keeps projections up to date with all tenants: what has fallen behind is taken forward, and a
// tenant that one event holds up holds up nobody else.

package import Logging
package import TallyCore
package import TallyPostgres
internal import TallyStore
package import TallyVault

/// Runs the built-in projections, table projections and those of the application.
package struct ProjectionRunner: Sendable {
    private let readers: ConnectionPool
    private let projectors: ConnectionPool
    private let vault: Vault
    private let step: ProjectionStep
    private let own: [any EventProjection]
    private let logger: Logger
    private let erasures: ProjectionErasure

    /// Reads as tally_reader and writes as tally_projector.
    package init(
        readers: ConnectionPool,
        projectors: ConnectionPool,
        vault: Vault,
        own: [any EventProjection] = [],
        logger: Logger
    ) {
        self.readers = readers
        self.projectors = projectors
        self.vault = vault
        self.own = own
        self.logger = logger
        step = ProjectionStep(readers: readers, projectors: projectors, vault: vault)
        erasures = ProjectionErasure(projectors: projectors)
    }

    /// Takes the live projections through every erasure of a tenant that they have not followed.
    ///
    /// - Throws: why one could not follow, after all others were tried.
    package func followErasures(of tenant: TenantID) async throws(Problem) {
        var failure: Problem?
        for projection in try await live() {
            do throws(Problem) {
                try await erasures.follow(projection, of: tenant)
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
    }

    /// Takes skips of the live projections back.
    package func unskipping() async throws(Problem) -> ProjectionUnskip {
        ProjectionUnskip(try await live(), projectors: projectors)
    }

    /// Makes the projections of the application known, so that they have cursors.
    package func register() async throws(Problem) {
        for projection in own {
            let (name, version) = (projection.name, projection.version.number)
            guard let number = Int32(exactly: version) else {
                throw Problem(
                    .invalid,
                    "version \(version) of the projection \(name)",
                    hint: "give a version from 1 to \(Int32.max)"
                )
            }
            try await Session(pool: projectors).run { connection in
                _ = try connection.query(
                    "SELECT tally.register_projection($1, $2)",
                    [.text(name), .integer(number)]
                )
            }
        }
    }

    /// The projections in the versions that readers see.
    package func live() async throws(Problem) -> [any EventProjection] {
        let versions = try await Self.versions(projectors)
        var live: [any EventProjection] = own
        if let number = versions[BuiltInProjection.documents] {
            live.append(
                DocumentsProjection(
                    version: .live(number),
                    readers: readers,
                    projectors: projectors,
                    vault: vault
                )
            )
        }
        if let number = versions[BuiltInProjection.trail] {
            live.append(
                TrailProjection(version: .live(number), projectors: projectors, vault: vault)
            )
        }
        // Behind the documents, which save it from reading streams back.
        return live + tables(try await TableRegistry(projectors: projectors).live())
    }

    private func tables(
        _ live: [LiveTable]
    ) -> [any EventProjection] {
        live.map { table in
            TableProjection(
                table.definition,
                version: .live(table.version),
                readers: readers,
                projectors: projectors,
                vault: vault
            )
        }
    }

    /// The same projections, or new ones where a version has changed since.
    package func refreshed(
        _ current: [any EventProjection]
    ) async throws(Problem) -> [any EventProjection] {
        let versions = try await Self.versions(projectors)
        let builtIn = [BuiltInProjection.documents, BuiltInProjection.trail]
        let tables = try await TableRegistry(projectors: projectors).live()
        let names = builtIn + tables.map(\.definition.name)
        let isCurrent = names.allSatisfy { name in
            current.contains { $0.name == name && $0.version.number == versions[name] }
        }
        return isCurrent && current.count == names.count + own.count ? current : try await live()
    }

    /// The live version of each projection.
    package static func versions(
        _ pool: ConnectionPool
    ) async throws(Problem) -> [String: Int] {
        try await Session(pool: pool).run { connection in
            let rows = try connection.query(
                "SELECT name, version FROM tally.projection WHERE removed_at IS NULL"
            )
            var versions: [String: Int] = [:]
            for row in 0..<rows.count {
                versions[try rows.text(row, 0)] = try rows.natural(row, 1)
            }
            return versions
        }
    }

    /// How far a projection has come with each tenant, in order of slots.
    package static func progress(
        _ pool: ConnectionPool,
        _ name: String,
        _ version: Int
    ) async throws(Problem) -> [TenantProgress] {
        try await Session(pool: pool).run { connection in
            let rows = try connection.query(
                "SELECT * FROM tally.read_progress($1, $2)",
                [.text(name), .integer(Int32(clamping: version))]
            )
            return try (0..<rows.count).map { row in
                TenantProgress(
                    tenant: TenantID(try rows.bytes(row, 0)) ?? .zero,
                    slot: try rows.nearestNatural(row, 1),
                    size: try rows.nearestNatural(row, 2),
                    position: try rows.nearestNatural(row, 3),
                    stop: rows.isNull(row, 4)
                        ? nil
                        : ProjectionStop(
                            position: try rows.nearestNatural(row, 4),
                            reason: try rows.text(row, 5)
                        )
                )
            }
        }
    }

    /// Takes every tenant of every projection a few pages forward.
    ///
    /// - Returns: whether there may be more to do at once.
    package func round(_ projections: [any EventProjection]) async throws(Problem) -> Bool {
        var isBusy = false
        for projection in projections {
            await followErasures(projection)
            let tenants = try await Self.progress(
                projectors,
                projection.name,
                projection.version.number
            )
            for tenant in tenants where tenant.position < tenant.size {
                if Task.isCancelled { return false }
                if tenant.stop?.position == tenant.position { continue }
                if await forward(projection, tenant.tenant) { isBusy = true }
            }
        }
        return isBusy
    }

    private func followErasures(_ projection: any EventProjection) async {
        do throws(Problem) {
            try await erasures.follow(projection)
        } catch {
            logger.warning(
                "a projection could not follow an erasure",
                metadata: ["projection": "\(projection.name)", "error": "\(error)"]
            )
        }
    }

    private func forward(_ projection: any EventProjection, _ tenant: TenantID) async -> Bool {
        do throws(Problem) {
            switch try await step.run(projection, tenant) {
            case .advanced(_, let left): return left > 0
            case .raced, .superseded: return true
            case .idle: return false
            case .stopped(let position, let reason):
                logger.error(
                    "a projection is stopped by an event",
                    metadata: [
                        "projection": "\(projection.name)", "tenant": "\(tenant.hex)",
                        "position": "\(position)", "reason": "\(reason)",
                    ]
                )
                return false
            }
        } catch {
            logger.warning(
                "a projection could not go on",
                metadata: ["projection": "\(projection.name)", "error": "\(error)"]
            )
            return false
        }
    }

    /// Takes one tenant forward to the end of its log as it is now.
    ///
    /// What is appended meanwhile is left out, or busy writers would never let it end.
    /// - Parameters:
    ///   - tenant: which.
    ///   - names: of which projections.
    ///   - progress: is told how many events were applied.
    /// - Returns: the event that holds one of them up, if one does; the others go on.
    /// - Throws: a ``Problem``; what was applied stays applied.
    package func catchUp(
        _ tenant: TenantID,
        _ names: some Sequence<String> & Sendable,
        progress: (Int) -> Void = { _ in }
    ) async throws(Problem) -> ProjectionStop? {
        let goal = try await Session(pool: readers).size(tenant)
        let wanted = Set(names.map { ByteText($0) })
        var stop: ProjectionStop?
        for projection in try await live() where wanted.contains(ByteText(projection.name)) {
            var (done, cursor) = (0, try await cursor(projection, tenant))
            while cursor < goal {
                switch try await step.run(projection, tenant) {
                case .advanced(let count, _):
                    done += count
                    cursor += count
                    progress(done)
                case .raced: cursor = try await self.cursor(projection, tenant)
                case .idle: cursor = goal
                case .superseded:
                    let again = wanted.map(\.string)
                    return try await catchUp(tenant, again, progress: progress)
                case .stopped(let position, let reason):
                    stop = stop ?? ProjectionStop(position: position, reason: reason)
                    cursor = goal
                }
            }
        }
        return stop
    }

    private func cursor(
        _ projection: any EventProjection,
        _ tenant: TenantID
    ) async throws(Problem) -> Int {
        let (name, version) = (projection.name, projection.version.number)
        return try await Session(pool: projectors).scoped(tenant) {
            try ProjectionProgress.read($0, tenant, name, version: version).position
        }
    }
}
