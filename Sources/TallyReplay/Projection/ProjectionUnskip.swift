// Takes a skip back: what the event changes is put where it belongs, in every projection that left
// it out, in one transaction with the end of the skip.

package import TallyCore
package import TallyPostgres
internal import TallyStore

/// Takes skips of one ledger back.
package struct ProjectionUnskip: Sendable {
    /// How often it is worked out again because projectors have gone on meanwhile.
    private static let attempts = 20

    private let projectors: Session
    private let projections: [any EventProjection]

    /// Works on live projections with connections of role tally_projector.
    init(_ projections: [any EventProjection], projectors: ConnectionPool) {
        self.projections = projections
        self.projectors = Session(pool: projectors)
    }

    /// Lets a projection no longer leave an event out.
    ///
    /// The event that says so is recorded before anything changes, and not at all when the event
    /// that was left out still cannot be applied.
    /// - Parameters:
    ///   - tenant: whose event.
    ///   - name: the projection.
    ///   - position: the event's position.
    ///   - reason: a reference, 1 to 64 letters, digits and `. _ : / # -`.
    ///   - operators: connections of role tally_operator.
    /// - Returns: the position of the event that says so.
    /// - Throws: `notFound` when the projection does not leave that event out, `misconfigured` when
    ///   it cannot be applied, `invalid` for a projection of the application's own, which begins
    ///   again as another version.
    package func run(
        _ tenant: TenantID,
        _ name: String,
        _ position: Int,
        reason: String,
        operators: ConnectionPool
    ) async throws(Problem) -> Int {
        var said: Int?
        for _ in 0..<Self.attempts {
            let draft = try await draft(tenant, name, position)
            if said == nil {
                said = try await ProjectionStopping.record(
                    "unskip",
                    tenant,
                    name,
                    position,
                    reason: reason,
                    operators: operators
                )
            }
            if let said, try await write(draft, tenant, name, position) { return said }
        }
        throw Problem(
            .unavailable,
            "the projections went on while the skip was taken back",
            hint: "try it again"
        )
    }

    /// What changes, and where cursors were when that was worked out.
    private struct Draft: Sendable {
        var changes: [any ProjectionChange] = []
        var cursors: [(projection: String, version: Int, position: Int)] = []
    }

    private func draft(
        _ tenant: TenantID,
        _ name: String,
        _ position: Int
    ) async throws(Problem) -> Draft {
        let stops = try await projectors.scoped(tenant) {
            try ProjectionStops.read($0, tenant, name)
        }
        guard let event = stops.skips.first(where: { $0.position == position }) else {
            throw Self.notSkipped(position, name)
        }
        var draft = Draft()
        do {
            for projection in affected(name) {
                let (cursor, skipped) = try await basis(
                    projection,
                    tenant,
                    without: (name, position)
                )
                draft.cursors.append((projection.name, projection.version.number, cursor))
                guard cursor > position, !skipped.contains(position) else { continue }
                draft.changes.append(
                    try await projection.unskip(
                        event,
                        of: tenant,
                        before: cursor,
                        skipping: skipped
                    )
                )
            }
        } catch {
            throw Problem(error)
        }
        return draft
    }

    /// The projection, and those that leave out whatever it does.
    private func affected(_ name: String) -> [any EventProjection] {
        projections.filter { projection in
            projection.name == name
                || (name == BuiltInProjection.documents && projection is TableProjection)
        }
    }

    /// Where a projection is, and what it leaves out besides.
    private func basis(
        _ projection: any EventProjection,
        _ tenant: TenantID,
        without skip: (name: String, position: Int)
    ) async throws(Problem) -> (cursor: Int, skipped: Set<Int>) {
        let (name, version) = (projection.name, projection.version.number)
        let names = projection is TableProjection ? [name, BuiltInProjection.documents] : [name]
        return try await projectors.scoped(tenant, isSnapshot: true) { connection in
            var skipped: Set<Int> = []
            for name in names {
                var own = try ProjectionStops.read(connection, tenant, name).skipped
                if name == skip.name { own.remove(skip.position) }
                skipped.formUnion(own)
            }
            let progress = try ProjectionProgress.read(connection, tenant, name, version: version)
            return (progress.position, skipped)
        }
    }

    /// Ends the skip and writes what changes, unless a cursor has moved on.
    private func write(
        _ draft: Draft,
        _ tenant: TenantID,
        _ name: String,
        _ position: Int
    ) async throws(Problem) -> Bool {
        do {
            try await projectors.pinned(tenant) { connection in
                let rows = try connection.query(
                    "SELECT tally.unskip_dead_letter($1, $2, $3)",
                    [
                        .integer(try connection.slot(of: tenant)), .text(name),
                        .bigint(Int64(clamping: position)),
                    ]
                )
                guard try rows.bool(0, 0) else { throw Self.notSkipped(position, name) }
                for (name, version, cursor) in draft.cursors {
                    let now = try ProjectionProgress.read(
                        connection,
                        tenant,
                        name,
                        version: version
                    )
                    guard now.position == cursor else { throw WentOn() }
                }
                for change in draft.changes { try change.write(on: connection) }
            }
            for change in draft.changes { change.committed() }
            return true
        } catch is WentOn {
            return false
        } catch {
            throw Problem(error)
        }
    }

    private static func notSkipped(_ position: Int, _ name: String) -> Problem {
        Problem(
            .notFound,
            "\(name) does not leave event \(position) out",
            hint:
                "the events that say so name them: \(.listEvents(query: nil)) TENANT --where "
                + "kind:operatorAction"
        )
    }
}

/// Rolls back what was worked out before a projector went on.
private struct WentOn: Error {}
