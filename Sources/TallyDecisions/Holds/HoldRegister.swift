// Legal holds: whose destruction is suspended, and when somebody must look at it again.

package import TallyCore
package import TallyPostgres
internal import TallyStore
internal import TallyVault

/// Reads holds; they are placed and released by decisions.
package struct HoldRegister: Sendable {
    private let operators: Session

    /// Works with connections of role tally_operator or tally_executor.
    package init(pool: ConnectionPool) {
        operators = Session(pool: pool)
    }

    /// Holds that are in force, or all, newest first.
    package func list(inForceOnly: Bool) async throws(Problem) -> [Hold] {
        try await operators.run { connection in
            let rows = try connection.query(
                """
                SELECT hold_id, tenant_id, subject_tag, review_at, placed_at, released_at
                FROM tally.hold JOIN tally.tenant USING (slot)
                \(inForceOnly ? "WHERE released_at IS NULL" : "")
                ORDER BY placed_at DESC, hold_id
                """
            )
            return try rows.map { row throws(PostgresError) in try Hold(row) }
        }
    }
}

extension Hold {
    fileprivate init(_ row: Row) throws(PostgresError) {
        self.init(
            id: try row["hold_id"].id(),
            tenant: try row["tenant_id"].id(),
            tag: try row["subject_tag"].id(),
            reviewAt: try row["review_at"].instant(),
            placedAt: try row["placed_at"].instant(),
            releasedAt: try row["released_at"].optionalInstant()
        )
    }
}
