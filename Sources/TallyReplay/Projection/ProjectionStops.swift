// The events that hold a projection up with one tenant, and those that it was told to leave out.

internal import TallyCore
internal import TallyPostgres

/// Dead letters of one projection and tenant.
struct ProjectionStops: Sendable {
    /// The first event that could not be applied and was neither retried nor skipped.
    let dead: (position: Int, reason: String)?
    /// Positions that an operator let it skip.
    let skipped: Set<Int>

    static func read(
        _ connection: Connection,
        _ tenant: TenantID,
        _ projection: String
    ) throws(PostgresError) -> ProjectionStops {
        let rows = try connection.query(
            """
            SELECT position, reason, skipped_by IS NOT NULL FROM tally.dead_letter
            WHERE tenant_id = $1 AND projection = $2 ORDER BY position
            """,
            [.uuid(tenant.bytes), .text(projection)]
        )
        var dead: (position: Int, reason: String)?
        var skipped: Set<Int> = []
        for row in 0..<rows.count {
            let position = Int(try rows.integer(row, 0))
            if try rows.bool(row, 2) {
                skipped.insert(position)
            } else if dead == nil {
                dead = (position, try rows.text(row, 1))
            }
        }
        return ProjectionStops(dead: dead, skipped: skipped)
    }
}
