// One step of a projection with one tenant: read a page, work out what it changes, and write that
// together with the cursor. Two projectors may race; one of them changes nothing.

package import TallyCore
package import TallyPostgres
internal import TallyStore
package import TallyVault

/// What became of a step.
package enum StepOutcome: Sendable, Equatable {
    /// Nothing was left to apply.
    case idle
    /// So many events were applied, and so many are left.
    case advanced(Int, left: Int)
    /// Another projector was faster.
    case raced
    /// Another version of the projection has taken this one's place.
    case superseded
    /// An event holds it up.
    case stopped(at: Int, reason: String)
}

/// Takes projections forward.
package struct ProjectionStep: Sendable {
    private let pages: PageReader
    private let projectors: Session
    private let watch: ErasureWatch

    /// Reads as tally_reader and writes as tally_projector.
    package init(readers: ConnectionPool, projectors: ConnectionPool, vault: Vault) {
        pages = PageReader(reader: Session(pool: readers), vault: vault)
        self.projectors = Session(pool: projectors)
        watch = ErasureWatch(vault: vault)
    }

    /// Applies the next page of a tenant's events.
    package func run(
        _ projection: any EventProjection,
        _ tenant: TenantID
    ) async throws(Problem) -> StepOutcome {
        let (name, version) = (projection.name, projection.version.number)
        let (progress, stops, basis) = try await projectors.scoped(tenant, isSnapshot: true) {
            (
                try ProjectionProgress.read($0, tenant, name, version: version),
                try ProjectionStops.read($0, tenant, name),
                try StepBasis.read($0, tenant, name)
            )
        }
        watch.note(basis.erasures, of: tenant)
        guard progress.position < progress.size else { return .idle }
        if let reason = stops.dead[progress.position] {
            return .stopped(at: progress.position, reason: reason)
        }
        let end = min(progress.position + ReplayLimits.pageEvents, progress.size)
        let range = progress.position..<end
        return try await apply(projection, tenant, range, progress.size, stops, basis)
    }

    private func apply(
        _ projection: any EventProjection,
        _ tenant: TenantID,
        _ range: Range<Int>,
        _ size: Int,
        _ stops: ProjectionStops,
        _ basis: StepBasis
    ) async throws(Problem) -> StepOutcome {
        do {
            let (events, end) = try await pages.read(tenant, range, skipping: stops.skipped)
            let taken = range.lowerBound..<end
            let page = ProjectionPage(tenant: tenant, events: events, skipped: stops.skips)
            let change = try await projection.prepare(page)
            let moved = try await write(change, projection, tenant, taken, basis)
            guard moved else { return .raced }
            change.committed()
            return .advanced(taken.count, left: size - end)
        } catch is PageTooLarge where range.count > 1 {
            let half = range.lowerBound..<range.lowerBound + range.count / 2
            return try await apply(projection, tenant, half, size, stops, basis)
        } catch let poison as PoisonEvent {
            guard range.contains(poison.position) else { throw Problem.strange(projection.name) }
            // What comes before it is applied first.
            guard poison.position == range.lowerBound else {
                let before = range.lowerBound..<poison.position
                return try await apply(projection, tenant, before, size, stops, basis)
            }
            let isNoted = try await note(poison, projection, tenant)
            return isNoted ? .stopped(at: poison.position, reason: poison.reason) : .raced
        } catch is Superseded {
            return .superseded
        } catch let error as Problem {
            throw error
        } catch let error as PostgresError {
            throw Problem(error)
        } catch {
            throw Problem(
                .misconfigured,
                "the projection \(projection.name) failed",
                hint: "see its own log; it is tried again"
            )
        }
    }

    private func write(
        _ change: any ProjectionChange,
        _ projection: any EventProjection,
        _ tenant: TenantID,
        _ range: Range<Int>,
        _ basis: StepBasis
    ) async throws -> Bool {
        let (name, version) = (projection.name, projection.version.number)
        do {
            try await projectors.pinned(tenant) { connection in
                // First: whoever comes second must not wait for rows only to find that out.
                let moved = try connection.query(
                    "SELECT tally.move_cursor($1, $2, $3, $4, $5)",
                    [
                        .integer(try connection.slot(of: tenant)), .text(name),
                        .integer(Int32(clamping: version)),
                        .bigint(Int64(clamping: range.lowerBound)),
                        .bigint(Int64(clamping: range.upperBound)),
                    ]
                )
                // Under the cursor's lock, on which an erasure waits before it looks what to
                // remove, and whoever takes a skip back.
                let isCurrent = try StepBasis.read(connection, tenant, name) == basis
                guard try moved.bool(0, 0), isCurrent else { throw Raced() }
                try change.write(on: connection)
            }
            return true
        } catch is Raced {
            return false
        }
    }

    /// Notes what stops the projection, unless the page was an old one: then another projector may
    /// have written what it was folded onto.
    private func note(
        _ poison: PoisonEvent,
        _ projection: any EventProjection,
        _ tenant: TenantID
    ) async throws(Problem) -> Bool {
        let (name, version) = (projection.name, projection.version.number)
        return try await projectors.scoped(tenant) { connection in
            try connection.query(
                "SELECT tally.put_dead_letter($1, $2, $3, $4, $5)",
                [
                    .integer(try connection.slot(of: tenant)), .text(name),
                    .integer(Int32(clamping: version)), .bigint(Int64(clamping: poison.position)),
                    .text(poison.reason),
                ]
            ).bool(0, 0)
        }
    }
}

/// What a page is worked out from besides the log: it is dropped when that has changed.
private struct StepBasis: Sendable, Equatable {
    /// How often the tenant's log has become less.
    let erasures: Int64
    /// The events that are left out.
    let skipped: Set<Int>

    static func read(
        _ connection: Connection,
        _ tenant: TenantID,
        _ projection: String
    ) throws(PostgresError) -> StepBasis {
        StepBasis(
            erasures: try ErasureWatch.count(connection, tenant),
            skipped: try ProjectionStops.skipped(connection, tenant, projection)
        )
    }
}

/// Rolls back a page that another projector has written already.
private struct Raced: Error {}

extension Problem {
    /// A projection that blames an event which it was not given.
    fileprivate static func strange(_ projection: String) -> Problem {
        Problem(
            .misconfigured,
            "the projection \(projection) names an event of another page",
            hint: "correct the projection: it may name events of the page it was given only"
        )
    }
}
