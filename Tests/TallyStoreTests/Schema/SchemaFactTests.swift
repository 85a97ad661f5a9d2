// The facts that this build carries are those of the schemas that it installs: schema/facts is
// written by `make facts`, and every difference of a database is named.

import Foundation
import TallyPostgres
import TallyStore
import TallyTesting
import Tallystick
import Testing

@Suite(.database)
struct SchemaFactTests {
    private static let writes = ProcessInfo.processInfo.environment["TALLY_WRITE_DOCS"] == "1"
    private static let sample = "tally_tables.sample"

    private static func connect(_ target: SchemaTarget) throws -> Connection {
        let configuration = try TestLedger.current.configuration
        let uri = target == .ledger ? configuration.database : configuration.keys
        return try Connection(ConnectionConfiguration(uri: uri))
    }

    @Test(arguments: SchemaTarget.allCases)
    func theFactsOfThisBuildAreThoseOfItsSchema(_ target: SchemaTarget) async throws {
        let connection = try Self.connect(target)
        if target == .ledger {
            // One that stands for all.
            _ = try connection.query(
                """
                SELECT tally.declare_table('sample', '{"logged":true,"columns":[],"indexes":[]}')
                """
            )
        }
        let lines = try SchemaFact.read(of: target, on: connection).filter { fact in
            let isDeclared = ["column", "constraint", "index", "table"].contains(fact.kind)
            return !(fact.object.hasPrefix(Self.sample) && isDeclared)
        }.map { fact in
            let object = fact.object.replacing(Self.sample, with: "tally_tables.*")
            return SchemaFact(object, fact.kind, fact.value)
        }.sorted().map(\.line)
        if Self.writes {
            try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: Self.file(target))
        } else {
            let carried = SchemaFact.expected(of: target).map(\.line)
            #expect(Set(lines).subtracting(carried) == [], "run make facts, and read what changed")
            #expect(Set(carried).subtracting(lines) == [], "run make facts, and read what changed")
        }
    }

    private static func file(_ target: SchemaTarget) -> URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../../schema/facts/\(target.rawValue).txt"
        )
    }

    @Test(arguments: SchemaTarget.allCases)
    func noIndexIsInTheOrderOfTheDatabaseCollation(_ target: SchemaTarget) throws {
        let rows = try Self.connect(target).query(
            """
            SELECT i.indexrelid::regclass::text AS name
            FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
            WHERE c.relnamespace::regnamespace::text LIKE 'tally%'
                AND EXISTS (
                    SELECT FROM unnest(i.indcollation::oid[]) o
                    WHERE o NOT IN (0, '"C"'::regcollation))
            """
        )
        #expect(try rows.map { row throws(PostgresError) in try row["name"].text() } == [])
    }

    @Test func rebuildsAndTableProjectionsAreNoDifference() async throws {
        let connection = try Self.connect(.ledger)
        for name in ["documents", "trail"] {
            let version = try connection.query("SELECT tally.begin_rebuild('\(name)', NULL)")
                .integer(0, 0)
            #expect(try Self.differences(connection) == [], "\(name) is being built")
            for step in ["index_rebuild", "swap_rebuild"] {
                _ = try connection.query("SELECT tally.\(step)('\(name)', \(version))")
            }
            #expect(try Self.differences(connection) == [], "\(name) is built")
        }
        _ = try connection.query(
            """
            SELECT tally.declare_table('people', '{"logged":false,"indexes":[["name"]],
                "columns":[{"name":"name","type":"text","from":"$.personal.*.name"}]}')
            """
        )
        #expect(try Self.differences(connection) == [])
    }

    /// Changes of the ledger's database, and what must be said of each.
    private static let changes: [(change: String, object: String, kind: String)] = [
        ("ALTER TABLE tally.event OWNER TO postgres_of_test", "tally.event", "owner"),
        ("ALTER SCHEMA tally OWNER TO postgres_of_test", "tally", "owner"),
        (
            "ALTER FUNCTION tally.stray_tenants() OWNER TO postgres_of_test",
            "tally.stray_tenants()", "owner"
        ),
        ("GRANT SELECT ON tally.event TO PUBLIC", "tally.event", "grant"),
        ("GRANT UPDATE (body) ON tally.event TO tally_reader", "tally.event.body", "grant"),
        ("REVOKE SELECT ON tally.event FROM tally_auditor", "tally.event", "grant"),
        ("GRANT USAGE ON SCHEMA tally TO PUBLIC", "tally", "grant"),
        (
            "GRANT EXECUTE ON FUNCTION tally.append_clear(int, int, text) TO tally_writer",
            "tally.append_clear(integer, integer, text)", "grant"
        ),
        ("ALTER TABLE tally.event DISABLE TRIGGER event_rows_are_kept", "", "trigger"),
        ("ALTER TABLE tally.event ENABLE REPLICA TRIGGER event_rows_are_immutable", "", "trigger"),
        ("DROP TRIGGER head_is_never_truncated ON tally.head", "", "trigger"),
        ("ALTER TABLE tally.event NO FORCE ROW LEVEL SECURITY", "tally.event", "row security"),
        ("ALTER TABLE tally.document DISABLE ROW LEVEL SECURITY", "tally.document", "row security"),
        ("CREATE POLICY more ON tally.event USING (true)", "tally.event more", "policy"),
        ("DROP POLICY one_tenant ON tally.event", "tally.event one_tenant", "policy"),
        ("ALTER POLICY one_tenant ON tally.event USING (true)", "tally.event one_tenant", "policy"),
        (
            "ALTER TABLE tally.tenant DROP CONSTRAINT tenant_slot_check", "tally.tenant",
            "constraint"
        ),
        ("ALTER TABLE tally.head ADD CHECK (size > -7)", "tally.head", "constraint"),
        ("DROP INDEX tally.tenant_by_source", "tally.tenant", "index"),
        ("CREATE INDEX ON tally.event (version)", "tally.event", "index"),
        ("ALTER TABLE tally.hold ALTER COLUMN review_at DROP NOT NULL", "", "column"),
        ("ALTER TABLE tally.hold ALTER COLUMN released_at TYPE numeric", "", "column"),
        ("ALTER TABLE tally.hold ADD COLUMN name text", "tally.hold.name", "column"),
        ("CREATE TABLE tally.mine (a int)", "tally.mine", "table"),
        ("CREATE VIEW tally.all_events AS SELECT * FROM tally.event", "tally.all_events", "table"),
        ("ALTER FUNCTION tally.lock_head(int) SECURITY INVOKER", "", "function"),
        ("ALTER FUNCTION tally.lock_head(int) RESET search_path", "", "function"),
        ("ALTER FUNCTION tally.now_micros() IMMUTABLE", "tally.now_micros()", "function"),
        (
            """
            CREATE OR REPLACE FUNCTION tally.now_micros() RETURNS bigint LANGUAGE sql VOLATILE
                RETURN 1::bigint
            """, "tally.now_micros()", "body"
        ),
        (
            """
            CREATE OR REPLACE FUNCTION tally.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN RETURN OLD; END $$
            """, "tally.refuse_change()", "body"
        ),
        ("CREATE FUNCTION tally.lock_head(uuid) RETURNS int RETURN 1", "", "function"),
        ("DROP FUNCTION tally.find_event(int, uuid)", "tally.find_event(integer, uuid)", "body"),
        (
            "ALTER DEFAULT PRIVILEGES IN SCHEMA tally GRANT SELECT ON TABLES TO PUBLIC", "tally",
            "default grant"
        ),
        ("CREATE RULE r AS ON DELETE TO tally.hold DO INSTEAD NOTHING", "tally.hold r", "rule"),
        (
            """
            SELECT tally.declare_table('people', '{"logged":true,"columns":[],"indexes":[]}');
            GRANT SELECT ON tally_tables.people TO tally_reader
            """, "tally_tables.people", "grant"
        ),
    ]

    @Test func everyChangeIsNamedByObjectAndKind() async throws {
        let connection = try Self.connect(.ledger)
        try connection.execute("CREATE ROLE postgres_of_test")
        defer { try? connection.execute("DROP ROLE postgres_of_test") }
        for (change, object, kind) in Self.changes {
            try connection.execute("BEGIN")
            try connection.execute(change)
            let found = try Self.differences(connection)
            try connection.execute("ROLLBACK")
            #expect(found.contains { $0.kind == kind && $0.object.hasPrefix(object) }, "\(change)")
            #expect(found.allSatisfy { !$0.advice.isEmpty })
        }
        #expect(try Self.differences(connection) == [])
    }

    @Test func theKeyStoreHasFactsOfItsOwn() async throws {
        let connection = try Self.connect(.keys)
        #expect(try Self.differences(connection, .keys) == [])
        for (change, kinds) in [
            ("GRANT SELECT ON tally_keys.key_record TO tally_key_writer", ["grant"]),
            ("GRANT tally_key_keeper TO tally_key_writer", ["member"]),
            ("GRANT SELECT ON tally_keys.key_record TO PUBLIC", ["grant"]),
            ("ALTER TABLE tally_keys.key_record ALTER COLUMN state DROP NOT NULL", ["column"]),
            ("ALTER TABLE tally_keys.key_record OWNER TO tally_reader", ["owner"]),
        ] {
            try connection.execute("BEGIN; \(change)")
            #expect(try Self.differences(connection, .keys).map(\.kind) == kinds, "\(change)")
            try connection.execute("ROLLBACK")
        }
    }

    private static func differences(
        _ connection: Connection,
        _ target: SchemaTarget = .ledger
    ) throws -> [SchemaDifference] {
        try SchemaDifference.between(
            SchemaFact.expected(of: target),
            SchemaFact.read(of: target, on: connection)
        )
    }
}
