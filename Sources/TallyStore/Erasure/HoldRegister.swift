// Legal holds: whose destruction is suspended, and when somebody must look at it again.

package import TallyCore
package import TallyPostgres

/// A legal hold.
package struct HoldRow: Sendable {
    package let id: DecisionID
    package let tenant: TenantID
    /// The subject's blind tag; zeros for the whole tenant.
    package let subjectTag: BlindTag
    /// All times are µs since 1970.
    package let reviewAt: UInt64
    package let placedAt: UInt64
    package let releasedAt: UInt64?
}

/// Reads holds; they are placed and released by decisions.
package struct HoldRegister: Sendable {
    private let operators: LogReader

    /// Works with connections of role tally_operator or tally_executor.
    package init(pool: ConnectionPool) {
        operators = LogReader(pool: pool)
    }

    /// Holds that are in force, or all, newest first.
    package func list(inForceOnly: Bool) async throws(StoreError) -> [HoldRow] {
        try await operators.run { connection in
            let rows = try connection.query(
                """
                SELECT hold_id, tenant_id, subject_tag, review_at, placed_at, released_at
                FROM tally.hold \(inForceOnly ? "WHERE released_at IS NULL" : "")
                ORDER BY placed_at DESC, hold_id
                """
            )
            return try (0..<rows.count).map { row in
                HoldRow(
                    id: DecisionID(try rows.bytes(row, 0)) ?? .zero,
                    tenant: TenantID(try rows.bytes(row, 1)) ?? .zero,
                    subjectTag: BlindTag(try rows.bytes(row, 2)) ?? .zero,
                    reviewAt: try rows.time(row, 3),
                    placedAt: try rows.time(row, 4),
                    releasedAt: try rows.optionalTime(row, 5)
                )
            }
        }
    }
}
