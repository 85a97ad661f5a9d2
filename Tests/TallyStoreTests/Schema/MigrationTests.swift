// From one schema to the next: interrupted at any statement, by two at once, beside whoever holds a
// lock; and what is not an earlier build's is left alone.

import Foundation
import TallyCore
import TallyCrypto
import TallyPostgres
import TallyTesting
import Testing

@testable import TallyStore

@Suite(.database)
struct MigrationTests {
    /// A database without a schema.
    private static func empty() throws -> Connection {
        let uri = try TestCluster.shared.get().createDatabase(template: nil)
        return try Connection(ConnectionConfiguration(uri: uri))
    }

    private static func expectSound(_ target: SchemaTarget, _ connection: Connection) throws {
        #expect(try SchemaStatus(of: target, on: connection) == .current)
        let found = try SchemaFact.read(of: target, on: connection)
        #expect(SchemaDifference.between(SchemaFact.expected(of: target), found) == [])
    }

    /// The statements of a script; those in a function's body are its.
    private static func statements(_ script: String) -> [String] {
        var (statements, statement, isQuoted) = ([String](), "", false)
        for line in script.split(separator: "\n") where !line.hasPrefix("--") {
            statement += line + "\n"
            if line.components(separatedBy: "$$").count.isMultiple(of: 2) { isQuoted.toggle() }
            guard !isQuoted, line.hasSuffix(";") else { continue }
            statements.append(statement)
            statement = ""
        }
        return statements
    }

    /// Does the first steps of a migration, and of the next one so many statements before it dies.
    private static func die(
        _ target: SchemaTarget,
        _ uri: String,
        after migration: Int,
        _ count: Int
    ) throws {
        let connection = try Connection(ConnectionConfiguration(uri: uri))
        let manifest = target.manifest
        try connection.execute(manifest.roles)
        for (index, done) in manifest.migrations.prefix(migration).enumerated() {
            let parts = done.isConcurrent ? statements(done.script) : [done.script]
            for part in parts { try connection.execute(part) }
            _ = try connection.query(
                "INSERT INTO \(target.namespace).schema_version (version, digest) VALUES ($1, $2)",
                [.integer(Int32(index + 1)), .bytea(done.digests[0].bytes)]
            )
        }
        let isLast = migration == manifest.migrations.count
        let isConcurrent = !isLast && manifest.migrations[migration].isConcurrent
        let script = isLast ? manifest.functions : manifest.migrations[migration].script
        if !isConcurrent { try connection.execute("BEGIN; SET LOCAL check_function_bodies = off") }
        for part in statements(script).prefix(count) { try connection.execute(part) }
    }

    @Test(arguments: SchemaTarget.allCases)
    func aMigrationThatDiedAtAnyStatementGoesOn(_ target: SchemaTarget) throws {
        let manifest = target.manifest
        let scripts = manifest.migrations.map(\.script) + [manifest.functions]
        for (index, script) in scripts.enumerated() {
            let count = Self.statements(script).count
            #expect(count > 0)
            // Of the functions, which are one transaction of hundreds, every fortieth.
            let step = index < manifest.migrations.count ? 1 : 40
            for point in stride(from: 0, through: count, by: step) {
                let uri = try TestCluster.shared.get().createDatabase(template: nil)
                try Self.die(target, uri, after: index, point)
                let connection = try Connection(ConnectionConfiguration(uri: uri))
                let status = try Migrator(target, on: connection).run()
                #expect(status == .current, "\(index) \(point)")
                if point == count { try Self.expectSound(target, connection) }
            }
        }
    }

    @Test(arguments: SchemaTarget.allCases)
    func twoAtOnceMakeOneSchema(_ target: SchemaTarget) async throws {
        let uri = try TestCluster.shared.get().createDatabase(template: nil)
        try await withThrowingTaskGroup(of: SchemaStatus.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    let connection = try Connection(ConnectionConfiguration(uri: uri))
                    return try Migrator(target, on: connection).run()
                }
            }
            for try await status in group { #expect(status == .current) }
        }
        try Self.expectSound(target, Connection(ConnectionConfiguration(uri: uri)))
    }

    @Test func anotherMigrationIsNamedWhenItTakesTooLong() throws {
        let uri = try TestCluster.shared.get().createDatabase(template: nil)
        let other = try Connection(ConnectionConfiguration(uri: uri))
        try other.execute("SELECT pg_advisory_lock(hashtext('tally.schema'))")
        let pid = try other.query("SELECT pg_backend_pid()::text").text(0, 0)
        let connection = try Connection(ConnectionConfiguration(uri: uri))
        let error = #expect(throws: Problem.self) {
            try Migrator(.ledger, on: connection, patience: .zero).run()
        }
        #expect(error?.code == .unavailable)
        #expect(error?.message.hasSuffix("is running: session \(pid)") == true)
    }

    @Test func whoHoldsALockIsWaitedForAndNothingIsHalfDone() throws {
        let uri = try TestCluster.shared.get().createDatabase(template: nil)
        try Self.die(.ledger, uri, after: 1, 0)
        let writer = try Connection(ConnectionConfiguration(uri: uri))
        try writer.execute("BEGIN; LOCK tally.event IN ROW EXCLUSIVE MODE")
        let connection = try Connection(ConnectionConfiguration(uri: uri))
        let error = #expect(throws: PostgresError.self) {
            try Migrator(.ledger, on: connection, patience: .zero).run()
        }
        #expect(error?.sqlState == "55P03")
        let versions = try writer.query("SELECT count(*) FROM tally.schema_version")
        #expect(try versions.integer(0, 0) == 1)
        try writer.execute("COMMIT")
        #expect(try Migrator(.ledger, on: connection).run() == .current)
        try Self.expectSound(.ledger, connection)
    }

    @Test func stepsAreToldOnceAndInOrder() throws {
        let connection = try Self.empty()
        var told: [String] = []
        _ = try Migrator(.keys, on: connection) { told.append($0.name) }.run()
        let steps = [
            "0001-keys", "0002-bounds", "0003-checked", "0004-collation", "functions, edition 3",
        ]
        #expect(told == steps)
        _ = try Migrator(.keys, on: connection) { told.append($0.name) }.run()
        #expect(told.count == 5)
        _ = try Migrator(.keys, on: connection) { told.append($0.name) }.run(again: true)
        #expect(told.count == 6)
    }

    /// What is not as an earlier build left it, and how it is named.
    private static let strange: [(change: String, status: SchemaStatus)] = [
        ("INSERT INTO tally.schema_version VALUES (99, '\\x00')", .newer),
        ("INSERT INTO tally.schema_functions VALUES (99, sha256(''))", .newer),
        ("DELETE FROM tally.schema_version", .foreign("no migration is noted in it")),
        (
            "DELETE FROM tally.schema_version WHERE version = 2",
            .foreign("migration 0002-bounds is missing")
        ),
        (
            "UPDATE tally.schema_version SET digest = sha256('fork') WHERE version = 3",
            .foreign("its migration 0003-event-ids is another one")
        ),
    ]

    @Test(arguments: strange)
    func whatIsNotAnEarlierBuildsIsLeftAlone(_ change: String, _ status: SchemaStatus) throws {
        let uri = try TestCluster.shared.get().createDatabase(template: .ledger)
        let connection = try Connection(ConnectionConfiguration(uri: uri))
        try connection.execute(change)
        let facts = try SchemaFact.read(of: .ledger, on: connection)
        for again in [false, true] {
            #expect(try Migrator(.ledger, on: connection).run(again: again) == status)
        }
        #expect(try SchemaFact.read(of: .ledger, on: connection) == facts)
    }

    @Test func functionsRightsAndGuardsArePutRightAgain() throws {
        let uri = try TestCluster.shared.get().createDatabase(template: .ledger)
        let connection = try Connection(ConnectionConfiguration(uri: uri))
        try connection.execute(
            """
            CREATE OR REPLACE FUNCTION tally.is_approved(p_slot int, p_request uuid)
                RETURNS boolean LANGUAGE sql AS 'SELECT true';
            ALTER FUNCTION tally.freeze OWNER TO tally_reader;
            GRANT EXECUTE ON FUNCTION tally.empty_parts TO tally_writer;
            REVOKE EXECUTE ON FUNCTION tally.append_plain FROM tally_writer;
            GRANT UPDATE ON tally.event TO tally_writer;
            ALTER TABLE tally.event DISABLE ROW LEVEL SECURITY;
            ALTER TABLE tally.event DISABLE TRIGGER event_rows_are_kept;
            DROP TRIGGER event_rows_are_immutable ON tally.event;
            DROP POLICY one_tenant ON tally.document
            """
        )
        #expect(try SchemaStatus(of: .ledger, on: connection) == .current)
        #expect(try Migrator(.ledger, on: connection).run(again: true) == .current)
        try Self.expectSound(.ledger, connection)
    }
}
