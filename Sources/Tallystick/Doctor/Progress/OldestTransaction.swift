// The transaction that has been open longest: rows that it could still see cannot be vacuumed away,
// and an exchange of tables waits for it.

package import TallyCore
internal import TallyPostgres
internal import TallyStore

/// A transaction of another session in the ledger's database.
package struct OldestTransaction: Sendable {
    /// The session's process id.
    package let pid: Int
    /// What the session calls itself.
    package let application: String
    /// When the transaction began, µs since 1970.
    package let beganAt: UInt64

    /// The oldest one that the login may see; `nil` where there is none.
    ///
    /// A login without pg_read_all_stats sees only sessions of its own.
    package static func read(_ ledger: Ledger) async throws(Problem) -> OldestTransaction? {
        let pool = ledger.configuration.pool()
        defer { pool.close() }
        return try await Session(pool: pool).run { connection in
            let rows = try connection.query(
                """
                SELECT pid::bigint, application_name,
                    (extract(epoch FROM xact_start) * 1000000)::bigint
                FROM pg_stat_activity
                WHERE xact_start IS NOT NULL AND datname = current_database()
                    AND pid <> pg_backend_pid() AND backend_type = 'client backend'
                ORDER BY xact_start LIMIT 1
                """
            )
            guard rows.count == 1 else { return nil }
            return OldestTransaction(
                pid: try rows.natural(0, 0),
                application: try rows.text(0, 1),
                beganAt: UInt64(clamping: try rows.integer(0, 2))
            )
        }
    }
}
