// The events that hold a projection up with one tenant, and those that it was told to leave out.

package import TallyCore
package import TallyPostgres
internal import TallyStore

/// Dead letters of one projection and tenant.
package struct ProjectionStops: Sendable {
    /// Events that could not be applied and were neither retried nor skipped, with the reasons.
    package let dead: [Int: String]
    /// Events that an operator let it skip.
    package let skips: [SkippedEvent]

    /// Their positions.
    package var skipped: Set<Int> { Set(skips.map(\.position)) }

    /// The positions that a table projection leaves out: its own, and those of the documents.
    static func skipped(
        _ connection: Connection,
        _ tenant: TenantID,
        _ table: String
    ) throws(PostgresError) -> Set<Int> {
        try read(connection, tenant, table).skipped
            .union(read(connection, tenant, BuiltInProjection.documents).skipped)
    }

    package static func read(
        _ connection: Connection,
        _ tenant: TenantID,
        _ projection: String
    ) throws(PostgresError) -> ProjectionStops {
        let rows = try connection.query(
            """
            SELECT d.position, d.reason, d.skipped_by IS NOT NULL, e.stream, e.version
            FROM tally.dead_letter d
            LEFT JOIN tally.event e ON e.slot = d.slot AND e.position = d.position
            WHERE d.slot = $1 AND d.projection = $2
            """,
            [.integer(try connection.slot(of: tenant)), .text(projection)]
        )
        var dead: [Int: String] = [:]
        var skips: [SkippedEvent] = []
        for row in 0..<rows.count {
            let position = try rows.natural(row, 0)
            guard try rows.bool(row, 2) else {
                dead[position] = try rows.text(row, 1)
                continue
            }
            skips.append(
                SkippedEvent(
                    position: position,
                    stream: rows.optionalBytes(row, 3).flatMap { BlindTag($0) },
                    version: try rows.optionalNatural(row, 4)
                )
            )
        }
        return ProjectionStops(dead: dead, skips: skips)
    }
}
