// The register of restores: read by operators, and taken from state to state together with the
// events that say so.

package import TallyCore
package import TallyCrypto
package import TallyPostgres
internal import TallyStore

/// Reads, begins and ends restores.
package struct RestoreRegister: Sendable {
    private let executors: Session

    /// Works with connections of role tally_executor.
    package init(pool: ConnectionPool) {
        executors = Session(pool: pool)
    }

    /// The restore of that id.
    ///
    /// - Throws: `notFound` when there is none.
    package func find(_ id: DecisionID) async throws(Problem) -> Restore {
        guard let row = try await rows("WHERE q.request_id = $1", [.uuid(id.bytes)]).first else {
            throw Problem(
                .notFound,
                "no restore of that id",
                hint: "\(.listRestores) shows all of them"
            )
        }
        return row
    }

    /// All restores, or those of one tenant, newest first.
    package func list(_ tenant: TenantID? = nil) async throws(Problem) -> [Restore] {
        guard let tenant else { return try await rows("", []) }
        return try await rows("WHERE t.tenant_id = $1", [.uuid(tenant.bytes)])
    }

    private func rows(
        _ condition: String,
        _ parameters: [Parameter]
    ) async throws(Problem) -> [Restore] {
        try await executors.run { connection in
            let rows = try connection.query(
                "\(Restore.query) \(condition) ORDER BY q.requested_at DESC, r.restore_id",
                parameters
            )
            return try rows.map { row throws(PostgresError) in try Restore(row) }
        }
    }

    /// The streams that a restore left as they are, in the order of their tags.
    package func conflicts(_ row: Restore) async throws(Problem) -> [BlindTag] {
        try await executors.run { connection in
            let rows = try connection.query(
                """
                SELECT stream FROM tally.restore_conflict WHERE slot = $1 AND restore_id = $2
                ORDER BY stream
                """,
                row.keyed(connection)
            )
            return try (0..<rows.count).map { BlindTag(try rows.bytes($0, 0)) ?? .zero }
        }
    }

    /// Begins an approved restore, once.
    ///
    /// - Throws: `approvalRequired` while another operator must sign, `refused` while another
    ///   restore of the tenant goes on, and for one that has ended.
    package func begin(_ row: Restore) async throws(Problem) {
        try await executors.run { connection in
            _ = try connection.query("SELECT tally.begin_restore($1, $2)", row.keyed(connection))
        }
    }

    /// Keeps a restore from being applied any further.
    ///
    /// - Throws: `refused` for one that is not being applied.
    package func stop(_ row: Restore) async throws(Problem) {
        try await executors.run { connection in
            _ = try connection.query("SELECT tally.stop_restore($1, $2)", row.keyed(connection))
        }
    }

    /// Ends a restore, once.
    ///
    /// - Parameters:
    ///   - row: the restore.
    ///   - state: `applied`, `mismatched` or `aborted`.
    ///   - applied: how many streams were restored.
    ///   - conflicts: the streams that were left as they are.
    ///   - roots: those of the applied streams' documents, as planned and as found; none for an
    ///     aborted one.
    /// - Throws: `refused` for one that has not begun, and for one that has ended otherwise.
    package func end(
        _ row: Restore,
        _ state: RestoreState,
        applied: Int,
        conflicts: [BlindTag],
        roots: [Digest]
    ) async throws(Problem) {
        var column = ArrayColumn(.uuid)
        for stream in conflicts { stream.withUnsafeBytes { column.append($0) } }
        let parameters = [
            .text(state.rawValue), .bigint(Int64(clamping: applied)), Parameter(column),
            .bytea(roots.flatMap(\.bytes)),
        ]
        try await executors.run { connection in
            _ = try connection.query(
                "SELECT tally.end_restore($1, $2, $3, $4, $5, $6)",
                row.keyed(connection) + parameters
            )
        }
    }
}

extension Restore {
    /// Its slot and id, as functions take them.
    fileprivate func keyed(_ connection: Connection) throws(PostgresError) -> [Parameter] {
        [.integer(try connection.slot(of: tenant)), .uuid(id.bytes)]
    }
}
