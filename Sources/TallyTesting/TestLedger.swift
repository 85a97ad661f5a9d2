// A ledger of its own for each test, and the trait that gives it.

internal import Foundation
package import TallyPostgres
package import Tallystick
package import Testing

/// An initialised ledger in databases that no other test sees.
package struct TestLedger: Sendable {
    /// The ledger of the running test; set by the trait `.database`.
    @TaskLocal private static var running: TestLedger?

    /// Where the ledger is.
    package let configuration: LedgerConfiguration

    /// The ledger of the running test.
    package static var current: TestLedger {
        get throws {
            guard let running else { throw MissingTrait() }
            return running
        }
    }

    /// Creates databases, initialises the ledger and makes it current for `body`.
    package static func with<Value>(
        hasSingleOperator: Bool = false,
        _ body: () async throws -> Value
    ) async throws -> Value {
        let cluster = try TestCluster.shared.get()
        let directory = "\(cluster.scratch)/\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true
        )
        let test = TestLedger(
            configuration: LedgerConfiguration(
                database: try cluster.createDatabase(template: .ledger),
                keys: try cluster.createDatabase(template: .keys),
                kekDirectory: "\(directory)/kek",
                keyJournal: "\(directory)/journal"
            )
        )
        _ = try await Ledger.initialize(
            test.configuration,
            origin: "test.example/rounds/1",
            hasSingleOperator: hasSingleOperator
        )
        return try await $running.withValue(test) { try await body() }
    }

    /// Opens the ledger, runs `body` and closes it.
    package func open<Value>(_ body: (Ledger) async throws -> Value) async throws -> Value {
        let ledger = try await Ledger.open(configuration)
        do {
            let value = try await body(ledger)
            await ledger.close()
            return value
        } catch {
            await ledger.close()
            throw error
        }
    }

    /// A superuser's connection to the ledger's database, with triggers off and without the bounds
    /// of columns: an attacker's.
    package func attacker() throws -> Connection {
        let connection = try Connection(ConnectionConfiguration(uri: configuration.database))
        try connection.execute(Self.dropBounds)
        try connection.execute("SET session_replication_role = replica")
        return connection
    }

    private static let dropBounds = """
        DO $$
        DECLARE
            v_bound record;
        BEGIN
            FOR v_bound IN
                SELECT conrelid::regclass AS place, conname FROM pg_constraint
                WHERE connamespace = 'tally'::regnamespace
                    AND contype = 'c'
            LOOP
                EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', v_bound.place, v_bound.conname);
            END LOOP;
            ALTER TABLE tally.event DROP CONSTRAINT IF EXISTS event_slot_event_id_key;
        END
        $$
        """

    /// A connection with the rights of one role only.
    package func connection(role: String) throws -> Connection {
        try Connection(ConnectionConfiguration(uri: configuration.database, role: role))
    }
}

private struct MissingTrait: Error, CustomStringConvertible {
    let description = "the test needs the trait .database"
}

/// Gives each test a ledger of its own, as ``TestLedger/current``.
package struct DatabaseTrait: TestTrait, SuiteTrait, TestScoping {
    /// Applied to a suite, it gives each of its tests a ledger.
    package var isRecursive: Bool { true }

    /// Runs a test within a fresh ledger.
    package func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil else { return try await function() }
        try await Admission.shared.admit { try await TestLedger.with { try await function() } }
    }
}

extension Trait where Self == DatabaseTrait {
    /// A ledger of its own for each test.
    package static var database: DatabaseTrait { DatabaseTrait() }
}
