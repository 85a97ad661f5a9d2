// How far a projection has come with one tenant.

package import TallyCore
package import TallyPostgres
internal import TallyStore

/// A cursor beside the head that it follows.
package struct ProjectionProgress: Sendable {
    /// The events that were applied.
    package let position: Int
    /// The events that there are.
    package let size: Int
    /// The version that readers see.
    package let version: Int

    /// Reads it in a transaction that is scoped to the tenant.
    ///
    /// A version of `nil` means the live one.
    /// - Throws: `unexpectedResult` when there is no projection of that name.
    package static func read(
        _ connection: Connection,
        _ tenant: TenantID,
        _ projection: String,
        version: Int? = nil
    ) throws(PostgresError) -> ProjectionProgress {
        let rows = try connection.query(
            """
            SELECT coalesce(c.position, 0), h.size, coalesce($3, p.version)
            FROM tally.projection p JOIN tally.head h ON h.slot = $1
            LEFT JOIN tally.cursor c ON c.slot = h.slot AND c.projection = p.name
                AND c.version = coalesce($3, p.version)
            WHERE p.name = $2
            """,
            [
                .integer(try connection.slot(of: tenant)), .text(projection),
                .optionalInteger(version.map { Int32(clamping: $0) }),
            ]
        )
        guard rows.count == 1 else {
            throw PostgresError(.unexpectedResult, message: "no projection \(projection)")
        }
        return ProjectionProgress(
            position: try rows.natural(0, 0),
            size: try rows.natural(0, 1),
            version: try rows.natural(0, 2)
        )
    }
}
