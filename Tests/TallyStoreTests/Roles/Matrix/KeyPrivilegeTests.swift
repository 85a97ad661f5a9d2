// Who may do what in the key store: each role tries every function and every table, and the matrix
// says which of them the server must refuse.

import TallyPostgres
import TallyTesting
import Tallystick
import Testing

@Suite(.database)
struct KeyPrivilegeTests {
    /// The roles, from the one that owns all to the one that every service has.
    static let roles = ["tally_key_owner", "tally_key_keeper", "tally_key_writer"]

    /// What makes and finds keys; a keeper may call every function.
    private static let ofWriters: Set = [
        "hold_wrap", "read_wrap", "create_wrap", "create_keys", "is_blocked", "find_named",
        "find_ids", "find_subject", "count_blocks", "withdrawn_keys", "living_blocks",
        "read_epochs", "reserve_seals",
    ]

    private static func superuser() throws -> Connection {
        try Connection(ConnectionConfiguration(uri: TestLedger.current.configuration.keys))
    }

    private static func texts(_ query: String) throws -> [String] {
        let rows = try superuser().query(query)
        return try (0..<rows.count).map { try rows.text($0, 0) }
    }

    private static func connection(role: String) throws -> Connection {
        let connection = try superuser()
        try connection.execute("SET ROLE \(role)")
        return connection
    }

    @Test func theRolesAreTheseAndCanDoNothingElse() async throws {
        let found = try Self.texts(
            "SELECT rolname::text FROM pg_roles WHERE rolname LIKE 'tally\\_key\\_%'"
        )
        #expect(Set(found) == Set(Self.roles))
        let powerful = try Self.texts(
            """
            SELECT rolname::text FROM pg_roles WHERE rolname LIKE 'tally\\_key\\_%' AND (
                rolcanlogin OR rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb
                OR rolreplication OR rolname <> 'tally_key_owner'
                AND has_schema_privilege(rolname, 'tally_keys', 'CREATE'))
            """
        )
        #expect(powerful == [])
    }

    @Test func everyFunctionIsCalledByExactlyThoseRoles() async throws {
        let names = Set(
            try Self.texts(
                "SELECT proname::text FROM pg_proc WHERE pronamespace = 'tally_keys'::regnamespace"
            )
        )
        #expect(Self.ofWriters.isSubset(of: names))
        for (role, expected) in [
            ("tally_key_writer", Self.ofWriters), ("tally_key_keeper", names),
            ("tally_key_owner", names), ("public", []),
        ] {
            let allowed = try Self.texts(
                """
                SELECT proname::text FROM pg_proc
                WHERE pronamespace = 'tally_keys'::regnamespace
                    AND has_function_privilege('\(role)', oid, 'EXECUTE')
                """
            )
            #expect(Set(allowed) == expected, "\(role)")
        }
    }

    @Test func noRoleButTheOwnerReadsOrWritesATableOfKeys() async throws {
        let tables = try Self.texts(
            """
            SELECT relname::text FROM pg_class
            WHERE relnamespace = 'tally_keys'::regnamespace AND relkind = 'r'
            """
        )
        #expect(tables.count == 7)
        for role in ["tally_key_writer", "tally_key_keeper"] {
            let connection = try Self.connection(role: role)
            for table in tables {
                let isOpen = table.hasPrefix("schema_")
                for (statement, isAllowed) in [
                    ("SELECT FROM tally_keys.\(table)", isOpen),
                    ("DELETE FROM tally_keys.\(table)", false),
                    ("INSERT INTO tally_keys.\(table) SELECT * FROM tally_keys.\(table)", false),
                    ("TRUNCATE tally_keys.\(table)", false),
                ] {
                    let state = connection.refusal(statement)?.sqlState
                    #expect(state == (isAllowed ? nil : "42501"), "\(role): \(statement)")
                }
            }
        }
    }
}
