// Makes projections follow erasures: what was derived from erased parts goes too, and the register
// of erasures is told which projections hold nothing any more.

package import TallyCore
package import TallyPostgres
internal import TallyStore

/// Lets projections follow the erasures that wait for them.
package struct ProjectionErasure: Sendable {
    private let projectors: Session

    /// Works with connections of role tally_projector.
    package init(projectors: ConnectionPool) {
        self.projectors = Session(pool: projectors)
    }

    /// Takes a projection through every erasure that it has not followed, of one tenant or of all.
    ///
    /// It may be interrupted and repeated. Erasures of one tenant are followed in their order; one
    /// that cannot be followed holds up its own tenant only.
    /// - Throws: why the first of those could not be followed, after all others were.
    package func follow(
        _ projection: any EventProjection,
        of tenant: TenantID? = nil
    ) async throws(Problem) {
        var failures: [TenantID: Problem] = [:]
        for erased in try await pending(projection)
        where tenant ?? erased.tenant == erased.tenant && failures[erased.tenant] == nil {
            do throws(Problem) {
                try await follow(projection, erased)
            } catch {
                failures[erased.tenant] = error
            }
        }
        if let failure = failures.min(by: { $0.key < $1.key })?.value { throw failure }
    }

    private func follow(
        _ projection: any EventProjection,
        _ erased: Erased
    ) async throws(Problem) {
        let rows: Int
        do {
            try await waitForWriters(erased.tenant, projection)
            rows = try await projection.erase(erased)
        } catch {
            throw Problem(error)
        }
        try await note(erased, projection, rows)
    }

    private func pending(
        _ projection: any EventProjection
    ) async throws(Problem) -> [Erased] {
        let (name, version) = (projection.name, Int32(clamping: projection.version.number))
        return try await projectors.run { connection in
            let rows = try connection.query(
                """
                SELECT erasure_id, tenant_id, subject_tag, classes = ARRAY['*']
                FROM tally.pending_erasures($1, $2)
                """,
                [.text(name), .integer(version)]
            )
            return try (0..<rows.count).map { row in
                Erased(
                    id: DecisionID(try rows.bytes(row, 0)) ?? .zero,
                    tenant: TenantID(try rows.bytes(row, 1)) ?? .zero,
                    subjectTag: BlindTag(try rows.bytes(row, 2)) ?? .zero,
                    isWholeSubject: try rows.bool(row, 3)
                )
            }
        }
    }

    /// Waits for a projector that is writing a page.
    ///
    /// One that comes later sees, under the lock on the cursor, that its page is older than the
    /// erasure.
    private func waitForWriters(
        _ tenant: TenantID,
        _ projection: any EventProjection
    ) async throws {
        let (name, version) = (projection.name, projection.version.number)
        try await projectors.pinned(tenant) { connection in
            let slot = try connection.slot(of: tenant)
            // Where there is no cursor yet somebody may be writing the first page with it.
            _ = try connection.query(
                "SELECT tally.move_cursor($1, $2, $3, 0, 0)",
                [.integer(slot), .text(name), .integer(Int32(clamping: version))]
            )
            _ = try connection.query(
                "SELECT FROM tally.cursor WHERE slot = $1 AND projection = $2 FOR UPDATE",
                [.integer(slot), .text(name)]
            )
        }
    }

    private func note(
        _ erased: Erased,
        _ projection: any EventProjection,
        _ count: Int
    ) async throws(Problem) {
        let (name, version) = (projection.name, Int32(clamping: projection.version.number))
        try await projectors.scoped(erased.tenant) { connection in
            _ = try connection.query(
                """
                INSERT INTO tally.projection_erasure (slot, erasure_id, projection, version, rows)
                VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
                """,
                [
                    .integer(try connection.slot(of: erased.tenant)), .uuid(erased.id.bytes),
                    .text(name), .integer(version), .bigint(Int64(clamping: count)),
                ]
            )
        }
    }
}

extension Erased {
    /// Events that held erased parts, after a position, in order.
    package func events(
        _ connection: Connection,
        after position: Int
    ) throws(PostgresError) -> [Int] {
        let rows = try connection.query(
            """
            SELECT position FROM tally.erasure_event
            WHERE slot = $1 AND erasure_id = $2 AND position > $3 ORDER BY position
            LIMIT \(ReplayLimits.pageEvents)
            """,
            [
                .integer(try connection.slot(of: tenant)), .uuid(id.bytes),
                .bigint(Int64(clamping: position)),
            ]
        )
        return try (0..<rows.count).map { row throws(PostgresError) in
            try rows.natural(row, 0)
        }
    }

    /// Streams of events that held erased parts, after a tag, in order.
    func streams(
        after stream: BlindTag,
        _ projectors: Session
    ) async throws(Problem) -> [BlindTag] {
        let (tenant, id) = (tenant, id)
        return try await projectors.scoped(tenant) { connection in
            let rows = try connection.query(
                "SELECT tally.erased_streams($1, $2, $3, $4)",
                [
                    .integer(try connection.slot(of: tenant)), .uuid(id.bytes),
                    .uuid(stream.bytes), .integer(Int32(ReplayLimits.pageEvents)),
                ]
            )
            return try (0..<rows.count).compactMap { BlindTag(try rows.bytes($0, 0)) }
        }
    }

    /// Removes all rows that a built-in projection has of the tenant; gives how many.
    func removeTenant(from projection: String, _ projectors: Session) async throws -> Int {
        let tenant = tenant
        return try await projectors.pinned(tenant) { connection in
            Int(
                try connection.query(
                    "SELECT tally.remove_tenant($1, $2)",
                    [.text(projection), .integer(try connection.slot(of: tenant))]
                ).integer(0, 0)
            )
        }
    }

    /// Drops the versions of a projection that readers do not see.
    static func dropOtherVersions(
        of projection: String,
        _ projectors: Session
    ) async throws(Problem) {
        try await projectors.run { connection in
            _ = try connection.query("SELECT tally.drop_other_versions($1)", [.text(projection)])
        }
    }
}
