// Old versions of rows stay in the tables' files until they are vacuumed; after an erasure nobody
// waits for the server to come to it by itself.

internal import TallyCore
internal import TallyPostgres
internal import TallyReplay
internal import TallyStore

/// Removes old versions of rows from both databases.
enum Vacuum {
    private static let ledgerTables = [
        "event", "document", "snapshot", "event_tag", "dictionary", "erasure_event", "request",
    ]
    private static let keyTables = ["key_record", "tenant_wrap"]

    /// Vacuums the tables that an erasure has changed.
    ///
    /// Tables with readable values of persons are rewritten, and first: a vacuum leaves the
    /// bytes of old rows where they were. Whoever reads these tables waits meanwhile.
    /// - Throws: `misconfigured` when the login may not act as tally_owner; `unavailable` when
    ///   somebody reads one of these tables, or could still see rows that were purged, for more
    ///   than ten seconds.
    static func run(_ context: DecisionContext, isTenant: Bool) async throws(Problem) {
        let owners = context.pools.pool(role: "tally_owner", namesBlockers: true)
        let logins = context.pools.pool()
        defer {
            owners.close()
            logins.close()
        }
        let tables = try await TableRegistry(projectors: context.pools.projectors).live()
            .filter { isTenant || $0.definition.isPersonal }
        try await rewrite(owners, tables.map { "tally_tables.\($0.definition.name)" })
        try await OldSnapshots.wait(logins)
        try await vacuum(owners, ledgerTables.map { "tally.\($0)" })
        try await OldSnapshots.wait(context.pools.keys)
        try await vacuum(context.pools.keys, keyTables.map { "tally_keys.\($0)" })
    }

    /// Copies what is there now into new files: a change of a column's type to the one that it has,
    /// computed, which PostgreSQL cannot tell from a real one.
    private static func rewrite(
        _ owners: ConnectionPool,
        _ tables: [String]
    ) async throws(Problem) {
        try await Session(pool: owners).run { connection in
            try connection.execute("SET statement_timeout = 0")
            for table in tables {
                try connection.execute(
                    "ALTER TABLE \(table) ALTER COLUMN version TYPE int USING (version + 0)"
                )
            }
            try connection.execute("RESET statement_timeout")
        }
    }

    private static func vacuum(
        _ pool: ConnectionPool,
        _ tables: [String]
    ) async throws(Problem) {
        try await Session(pool: pool).run { connection in
            try connection.execute("SET statement_timeout = 0")
            let warnings = connection.warningCount
            for table in tables { try connection.execute("VACUUM \(table)") }
            try connection.execute("RESET statement_timeout")
            // What it may not vacuum PostgreSQL skips, with no more than a warning.
            guard connection.warningCount == warnings else {
                throw Problem(
                    .misconfigured,
                    "PostgreSQL skipped a table when it was vacuumed",
                    hint: "let the login own the tables: grant it tally_owner and tally_key_owner"
                )
            }
        }
    }
}
