// Bodies that run again: a standby that was asked to write is left for the primary, and one whose
// replay came into the way of reading is asked again, a bounded number of times.

import Synchronization
import TallyTesting
import Testing

@testable import TallyPostgres

struct PoolRepetitionTests {
    private static let readOnly = "default_transaction_read_only"
    private static let conflict =
        "DO $$ BEGIN RAISE 'a conflict' USING ERRCODE = 'serialization_failure'; END $$"

    /// What becomes of a body that counts its runs.
    private static func run(
        _ configuration: ConnectionConfiguration,
        _ body: @escaping @Sendable (Connection, _ run: Int) throws -> Void
    ) async -> (runs: Int, error: PostgresError?) {
        let pool = ConnectionPool(configuration, size: 1)
        defer { pool.close() }
        let runs = Mutex(0)
        let error = await #expect(throws: (any Error).self) {
            try await pool.withConnection { connection in
                let run = runs.withLock { count in
                    count += 1
                    return count
                }
                try body(connection, run)
                throw Interruption(number: run)
            }
        }
        return (runs.withLock { $0 }, error as? PostgresError)
    }

    private static func standby() throws -> ConnectionConfiguration {
        var configuration = try SharedServer.configuration()
        configuration.settings = [readOnly: "on"]
        return configuration
    }

    private static func reset(_ database: String) throws {
        try SharedServer.connect().execute("ALTER DATABASE \(database) RESET \(readOnly)")
    }

    @Test func aWriteRunsAgainOnThePrimary() async throws {
        let uri = try TestCluster.shared.get().createDatabase(template: nil)
        let admin = try Connection(ConnectionConfiguration(uri: uri))
        let name = try admin.query("SELECT current_database()::text").text(0, 0)
        try admin.execute("ALTER DATABASE \(name) SET \(Self.readOnly) = on")
        let (runs, error) = await Self.run(ConnectionConfiguration(uri: uri)) { connection, run in
            #expect(connection.isReadOnly == (run == 1))
            if run == 1 { try Self.reset(name) }
            try connection.execute("CREATE TABLE written (a int)")
        }
        #expect(runs == 2)
        #expect(error == nil)
        #expect(try admin.number("SELECT count(*) FROM written") == 0)
    }

    @Test func aWriteWithoutAPrimaryIsRefusedAtOnce() async throws {
        let (runs, error) = try await Self.run(Self.standby()) { connection, _ in
            try connection.execute("CREATE TABLE never (a int)")
        }
        #expect(runs == 1)
        #expect(error?.code == .standby)
    }

    @Test func aReadThatAReplayEndedRunsAgain() async throws {
        let (runs, error) = try await Self.run(Self.standby()) { connection, run in
            if run < 3 { try connection.execute(Self.conflict) }
        }
        #expect(runs == 3)
        #expect(error == nil)
    }

    @Test func aReadThatAReplayAlwaysEndsIsGivenUp() async throws {
        let (runs, error) = try await Self.run(Self.standby()) { connection, _ in
            try connection.execute(Self.conflict)
        }
        #expect(runs == ConnectionLimits.recoveryConflicts + 1)
        #expect(error?.sqlState == "40001")
    }

    @Test func aConflictOnThePrimaryIsTheCallers() async throws {
        let (runs, error) = try await Self.run(SharedServer.configuration()) { connection, _ in
            try connection.execute(Self.conflict)
        }
        #expect(runs == 1)
        #expect(error?.sqlState == "40001")
    }
}
