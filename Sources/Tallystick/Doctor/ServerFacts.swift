// What a PostgreSQL server says about itself: who it is, where its files are, what it logs, and
// what keeps it from removing old rows.

internal import TallyCore
internal import TallyPostgres
internal import TallyStore

/// One of the two servers.
struct ServerFacts: Sendable {
    /// A transaction that is older than this keeps erased rows in the tables' files.
    private static let oldSeconds = 300

    let name: String
    /// The cluster's identity; `nil` where the login may not ask.
    let system: String?
    /// Where its files are; `nil` where the login may not ask.
    let directory: String?
    private let settings: [String: String]
    /// The age of the oldest snapshot that this login can see, and what holds it.
    private let oldest: (seconds: Int, holder: String)?
    /// Whether the login may see other logins' sessions.
    private let seesSessions: Bool
    private let neighbours: Neighbours

    /// Other ledgers whose logins have the same rights here, as far as they can connect.
    private struct Neighbours: Sendable {
        let exist: Bool
        let mayConnect: Bool
    }

    /// Asks a server; `owner` is the role that owns the schema of this database and of others like
    /// it.
    static func read(
        _ pool: ConnectionPool,
        _ name: String,
        owner: String
    ) async throws(Problem) -> ServerFacts {
        try await Session(pool: pool).run { connection in
            ServerFacts(
                name: name,
                system: text(
                    connection,
                    "SELECT system_identifier::text FROM pg_control_system()"
                ),
                directory: text(connection, "SELECT current_setting('data_directory')"),
                settings: try settings(connection),
                oldest: try oldest(connection),
                seesSessions: try connection.query(
                    "SELECT pg_has_role('pg_read_all_stats', 'USAGE')"
                ).bool(0, 0),
                neighbours: try neighbours(connection, owner)
            )
        }
    }

    /// The one text that a query gives; `nil` where it is refused.
    private static func text(_ connection: Connection, _ query: String) -> String? {
        try? connection.query(query).text(0, 0)
    }

    private static func settings(
        _ connection: Connection
    ) throws(PostgresError) -> [String: String] {
        let rows = try connection.query("SELECT name, setting FROM pg_settings")
        var settings: [String: String] = [:]
        for row in 0..<rows.count where !rows.isNull(row, 1) {
            settings[try rows.text(row, 0)] = try rows.text(row, 1)
        }
        return settings
    }

    private static func oldest(
        _ connection: Connection
    ) throws(PostgresError) -> (Int, String)? {
        let rows = try connection.query(
            """
            SELECT seconds::bigint, holder FROM (
                SELECT extract(epoch FROM now() - xact_start) AS seconds,
                    'a session of ' || coalesce(usename::text, 'the server') AS holder
                FROM pg_stat_activity
                WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid()
                    AND xact_start IS NOT NULL
                UNION ALL
                SELECT extract(epoch FROM now() - prepared), 'a prepared transaction'
                FROM pg_prepared_xacts
                UNION ALL
                SELECT 2147483647, 'the unused replication slot ' || slot_name
                FROM pg_replication_slots WHERE NOT active) h
            ORDER BY seconds DESC NULLS LAST LIMIT 1
            """
        )
        guard rows.count == 1, !rows.isNull(0, 0) else { return nil }
        return (try rows.natural(0, 0), try rows.text(0, 1))
    }

    /// Roles belong to the whole cluster: what the owner has in other databases is another ledger.
    private static func neighbours(
        _ connection: Connection,
        _ owner: String
    ) throws(PostgresError) -> Neighbours {
        let row = try connection.query(
            """
            SELECT EXISTS (
                    SELECT FROM pg_shdepend s JOIN pg_roles r ON r.oid = s.refobjid
                    WHERE s.refclassid = 'pg_authid'::regclass AND r.rolname = $1
                        AND s.dbid NOT IN (0, d.oid)) AS exist,
                EXISTS (
                    SELECT FROM aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
                    WHERE a.grantee = 0 AND a.privilege_type = 'CONNECT') AS may_connect
            FROM pg_database d WHERE d.datname = current_database()
            """,
            [.text(owner)]
        ).first
        guard let row else { return Neighbours(exist: false, mayConnect: false) }
        return Neighbours(
            exist: try row["exist"].bool(),
            mayConnect: try row["may_connect"].bool()
        )
    }

    // MARK: - Findings

    func findings() -> [DoctorFinding] {
        [logging(), durability(), oldestRow(), neighbourhood()]
    }

    private func neighbourhood() -> DoctorFinding {
        let isShared = neighbours.exist && neighbours.mayConnect
        return DoctorFinding(
            "\(name): neighbours",
            isShared ? .weak : .good,
            isShared
                ? "the cluster has another ledger, whose logins have the same rights here"
                : neighbours.exist ? "other ledgers' logins cannot connect" : "no other ledger",
            do: "REVOKE CONNECT ON DATABASE … FROM PUBLIC, and grant it to this ledger's logins"
        )
    }

    /// Statements and parameters must not reach the server's log: they hold blind tags and
    /// ciphertext, and an administrator's own statements could hold more.
    private func logging() -> DoctorFinding {
        let wanted = [
            ("log_statement", "none"), ("log_min_duration_statement", "-1"),
            ("log_parameter_max_length", "0"), ("log_parameter_max_length_on_error", "0"),
            ("log_error_verbosity", "terse"), ("log_min_error_statement", "panic"),
        ]
        let wrong = wanted.filter { settings[$0.0] != $0.1 }
        return DoctorFinding(
            "\(name): server log",
            wrong.isEmpty ? .good : .weak,
            wrong.isEmpty
                ? "statements and parameters stay out of it"
                : wrong.map { "\($0.0) is \(settings[$0.0] ?? "not known")" }
                    .joined(separator: ", "),
            do: "set \(wrong.map { "\($0.0) = \($0.1)" }.joined(separator: ", "))"
        )
    }

    private func durability() -> DoctorFinding {
        let wanted = [
            ("fsync", "on"), ("full_page_writes", "on"), ("synchronous_commit", "on"),
        ]
        let off = wanted.filter { settings[$0.0] == "off" }.map(\.0)
        return DoctorFinding(
            "\(name): durability",
            off.isEmpty ? .good : .failing,
            off.isEmpty ? "commits are on the disk" : "\(off.joined(separator: ", ")) off",
            do: "turn them on: a crash can lose what was answered, a destroyed key come back"
        )
    }

    private func oldestRow() -> DoctorFinding {
        guard let oldest, oldest.seconds > Self.oldSeconds else {
            guard seesSessions else {
                return DoctorFinding(
                    "\(name): oldest snapshot",
                    .unknown,
                    "this login does not see other logins' sessions",
                    do: "grant it pg_monitor, or look at pg_stat_activity as a superuser"
                )
            }
            return DoctorFinding("\(name): oldest snapshot", .good, "nothing holds old rows")
        }
        let age = oldest.seconds == Int(Int32.max) ? "" : " for \(oldest.seconds) s"
        return DoctorFinding(
            "\(name): oldest snapshot",
            .failing,
            "\(oldest.holder) keeps old rows\(age): what was purged stays in the files",
            do: "end it, then run VACUUM on the tables of the ledger"
        )
    }
}
