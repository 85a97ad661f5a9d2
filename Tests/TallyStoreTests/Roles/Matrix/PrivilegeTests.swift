// Every role tries every operation on every table and every function; the matrix says which of
// them the server must refuse. Each try is rolled back.

import TallyPostgres
import TallyTesting
import Tallystick
import Testing

@Suite(.database)
struct PrivilegeTests {
    @Test func everyRoleOfTheSchemaIsInTheMatrix() async throws {
        let found = try Database.superuser().texts(
            """
            SELECT rolname::text FROM pg_roles
            WHERE rolname LIKE 'tally\\_%' AND rolname NOT LIKE 'tally\\_key\\_%'
            """
        )
        #expect(Set(found) == Set(PrivilegeMatrix.roles))
    }

    @Test func everyTableIsInTheMatrixAndAllowsExactlyWhatItSays() async throws {
        let tables = try Database.superuser().texts(
            """
            SELECT relname::text FROM pg_class
            WHERE relnamespace = 'tally'::regnamespace AND relkind NOT IN ('i', 't', 'c')
            """
        )
        #expect(Set(tables) == Set(PrivilegeMatrix.tables.keys))
        for role in PrivilegeMatrix.roles {
            let connection = try TestLedger.current.connection(role: role)
            for table in tables {
                let expected = PrivilegeMatrix.tables[table]?[role] ?? []
                let allowed = try PrivilegeMatrix.operations.filter {
                    try connection.isAllowed(Self.attempt($0, on: table))
                }
                #expect(Set(allowed) == expected, "\(role) on \(table)")
            }
        }
    }

    @Test func everyFunctionIsInTheMatrixAndRunsForExactlyThoseRoles() async throws {
        let calls = try Database.superuser().functionCalls()
        #expect(Set(calls.map(\.name)) == Set(PrivilegeMatrix.functions.keys))
        #expect(calls.count == PrivilegeMatrix.functions.count, "an overload hides another")
        for role in PrivilegeMatrix.roles {
            let connection = try TestLedger.current.connection(role: role)
            for call in calls {
                let expected = PrivilegeMatrix.functions[call.name]?.contains(role) ?? false
                let allowed = try connection.isAllowed(call.statement)
                #expect(allowed == expected, "\(role) calling \(call.name)")
            }
        }
    }

    @Test func noRoleCanLogInOrPassRowSecurityOrMakeObjectsInTheSchema() async throws {
        let powerful = try Database.superuser().texts(
            """
            SELECT rolname::text FROM pg_roles WHERE rolname LIKE 'tally\\_%' AND (
                rolcanlogin OR rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb
                OR rolreplication
                OR rolname <> 'tally_owner' AND has_schema_privilege(rolname, 'tally', 'CREATE'))
            """
        )
        #expect(powerful == [])
    }

    @Test func noRoleIsAMemberOfAnother() async throws {
        let members = try Database.superuser().texts(
            """
            SELECT member::regrole::text FROM pg_auth_members
            WHERE roleid::regrole::text LIKE 'tally\\_%' AND member::regrole::text LIKE 'tally\\_%'
            """
        )
        #expect(members == [])
    }

    @Test func everyDefinerFunctionHasAFixedSearchPathAndAnOwnerWithoutTables() async throws {
        let weak = try Database.superuser().texts(
            """
            SELECT p.proname::text FROM pg_proc p
            WHERE p.pronamespace = 'tally'::regnamespace AND p.prosecdef AND (
                NOT 'search_path=pg_catalog, pg_temp' = ANY (coalesce(p.proconfig, '{}'))
                OR p.proowner::regrole::text NOT IN (
                    'tally_appender', 'tally_ledgerkinds', 'tally_auditor', 'tally_purger'))
            ORDER BY 1
            """
        )
        // These make and exchange whole tables, which only an owner can; they touch no tenant's
        // row.
        #expect(
            weak == [
                "begin_rebuild", "declare_table", "drop_other_versions", "drop_table",
                "index_rebuild", "register_projection", "swap_rebuild",
            ]
        )
    }

    private static func attempt(_ operation: String, on table: String) -> String {
        switch operation {
        case "SELECT": "SELECT * FROM tally.\(table)"
        case "INSERT": "INSERT INTO tally.\(table) DEFAULT VALUES"
        case "UPDATE": "UPDATE tally.\(table) SET \(column(table)) = NULL"
        case "DELETE": "DELETE FROM tally.\(table)"
        default: "TRUNCATE tally.\(table)"
        }
    }

    private static func column(_ table: String) -> String {
        switch table {
        case "schema_version", "schema_functions": "digest"
        case "ledger": "origin"
        case "projection": "name"
        case "table_definition", "table_alive": "projection"
        case "operator": "operator_id"
        case "epoch_receipt": "epoch"
        default: "slot"
        }
    }
}

extension Connection {
    /// Whether the server lets this role try a statement; whatever it does is rolled back.
    fileprivate func isAllowed(_ statement: String) throws -> Bool {
        try execute("BEGIN")
        defer { try? execute("ROLLBACK") }
        do throws(PostgresError) {
            _ = try query(statement)
            return true
        } catch {
            let isDenied = error.sqlState == "42501" && error.message.hasPrefix("permission")
            return !isDenied || error.message.contains("denied for table") && isCall(statement)
        }
    }

    /// A function that runs and is then refused a table was allowed to run.
    private func isCall(_ statement: String) -> Bool { statement.hasPrefix("SELECT tally.") }

    /// A call of each function of the schema; no argument of a strict function is NULL, or the
    /// planner would answer without asking whether the role may call it.
    fileprivate func functionCalls() throws -> [(name: String, statement: String)] {
        try execute("SET search_path = pg_catalog")
        let rows = try query(
            """
            SELECT p.proname::text, format('SELECT tally.%I(%s)', p.proname, (
                SELECT string_agg(format('%L::%s', CASE
                    WHEN t::regtype::text LIKE '%[]' THEN '{}'
                    WHEN t = 'uuid'::regtype THEN gen_random_uuid()::text
                    WHEN t = 'jsonb'::regtype THEN '{}'
                    WHEN t::regtype::text NOT LIKE 'tally.%' THEN '1'
                    END, t::regtype), ', ' ORDER BY o)
                FROM unnest(p.proargtypes) WITH ORDINALITY a (t, o)))
            FROM pg_proc p WHERE p.pronamespace = 'tally'::regnamespace
            """
        )
        return try (0..<rows.count).map { (try rows.text($0, 0), try rows.text($0, 1)) }
    }
}
