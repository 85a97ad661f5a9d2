// Transactions: committed as a whole, rolled back whatever was thrown, and said to be unconfirmed
// when the server warned about the commit.

import TallyPostgres
import TallyTesting
import Testing

struct TransactionTests {
    /// A connection with an empty temporary table `t`.
    private static func connect() throws -> Connection {
        let connection = try SharedServer.connect()
        try connection.execute("CREATE TEMP TABLE t (a int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
        return connection
    }

    private static func count(_ connection: Connection) throws -> Int64 {
        try connection.number("SELECT count(*) FROM t")
    }

    /// Whether the connection is in a transaction: its statements share one id then.
    private static func isInTransaction(_ connection: Connection) throws -> Bool {
        let ids = try (0..<2).map { _ in
            try connection.number("SELECT pg_current_xact_id()::text::bigint")
        }
        return ids[0] == ids[1]
    }

    @Test func whatTheBodyDidIsCommittedAndItsValueGiven() throws {
        let connection = try Self.connect()
        let value = try connection.transaction {
            try connection.execute("INSERT INTO t VALUES (1), (2)")
            #expect(try Self.isInTransaction(connection))
            return "done"
        }
        #expect(value == "done")
        #expect(try !Self.isInTransaction(connection))
        #expect(try Self.count(connection) == 2)
    }

    @Test func whatTheBodyThrowsRollsBackAndIsThrown() throws {
        let connection = try Self.connect()
        #expect(throws: Interruption(number: 7)) {
            try connection.transaction {
                try connection.execute("INSERT INTO t VALUES (1)")
                throw Interruption(number: 7)
            }
        }
        #expect(try !Self.isInTransaction(connection))
        #expect(try Self.count(connection) == 0)
    }

    @Test func aStatementThatIsRefusedRollsBackWhatWasBeforeIt() throws {
        let connection = try Self.connect()
        connection.refuses("22012") { connection in
            try connection.transaction {
                try connection.execute("INSERT INTO t VALUES (1)")
                _ = try connection.query("SELECT 1/0")
            }
        }
        #expect(try Self.count(connection) == 0)
    }

    @Test func aCommitThatIsRefusedHasCommittedNothing() throws {
        let connection = try Self.connect()
        connection.refuses("23505") { connection in
            try connection.transaction { try connection.execute("INSERT INTO t VALUES (1), (1)") }
        }
        #expect(try !Self.isInTransaction(connection))
        #expect(try Self.count(connection) == 0)
    }

    @Test func aRefusalThatTheBodyKeptToItselfIsNoCommit() throws {
        let connection = try Self.connect()
        connection.refuses("25P02") { connection in
            try connection.transaction {
                try connection.execute("INSERT INTO t VALUES (1)")
                _ = try? connection.query("SELECT 1/0")
            }
        }
        #expect(try !Self.isInTransaction(connection))
        #expect(try Self.count(connection) == 0)
    }

    @Test func aRefusalThatTheBodyTookBackIsNoMatter() throws {
        let connection = try Self.connect()
        try connection.transaction {
            try connection.execute("INSERT INTO t VALUES (1); SAVEPOINT before")
            #expect(throws: PostgresError.self) { try connection.query("SELECT 1/0") }
            try connection.execute("ROLLBACK TO before; INSERT INTO t VALUES (2)")
        }
        #expect(try Self.count(connection) == 2)
    }

    @Test func aCommitThatTheServerWarnsAboutIsUnconfirmedAndThere() throws {
        let connection = try Self.connect()
        try connection.execute(
            """
            CREATE FUNCTION pg_temp.warn() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN RAISE WARNING ''late''; RETURN NULL; END';
            CREATE CONSTRAINT TRIGGER late AFTER INSERT ON t INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION pg_temp.warn()
            """
        )
        let error = #expect(throws: PostgresError.self) {
            try connection.transaction { try connection.execute("INSERT INTO t VALUES (1)") }
        }
        #expect(error?.code == .unconfirmedCommit)
        #expect(try Self.count(connection) == 1)
    }

    @Test func aWarningBeforeTheCommitConcernsNobody() throws {
        let connection = try Self.connect()
        try connection.transaction {
            try connection.execute("INSERT INTO t VALUES (1)")
            try connection.execute("DO $$ BEGIN RAISE WARNING 'early'; END $$")
        }
        #expect(try Self.count(connection) == 1)
    }

    @Test func aServerThatEndsInMidTransactionIsLost() throws {
        let connection = try Self.connect()
        let error = #expect(throws: PostgresError.self) {
            try connection.transaction {
                try SharedServer.terminate(connection.process())
                try connection.execute("INSERT INTO t VALUES (1)")
            }
        }
        #expect(error?.code == .connectionLost)
        #expect(!connection.isUsable)
    }

    @Test func whatTheBodyThrowsIsThrownEvenIfTheServerIsGone() throws {
        let connection = try Self.connect()
        #expect(throws: Interruption(number: 1)) {
            try connection.transaction {
                try SharedServer.terminate(connection.process())
                throw Interruption(number: 1)
            }
        }
    }

    @Test func noTransactionBeginsOnASessionThatWasEnded() throws {
        let connection = try Self.connect()
        try SharedServer.terminate(connection.process())
        let error = #expect(throws: PostgresError.self) {
            try connection.transaction { Issue.record("the body ran without a transaction") }
        }
        #expect(error?.code == .connectionLost)
    }
}
