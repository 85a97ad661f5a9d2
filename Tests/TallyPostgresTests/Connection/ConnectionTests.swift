// One connection: what it is set up with, what it says of a statement that failed, and how it
// finds out that its server has gone.

import TallyTesting
import Testing

@testable import TallyPostgres

struct ConnectionTests {
    @Test func aNewConnectionHasTheBoundsAndTheNameOfItsConfiguration() throws {
        var configuration = try SharedServer.configuration()
        configuration.statementTimeout = 12_000
        configuration.lockTimeout = 3000
        configuration.applicationName = "Bob's ledger"
        configuration.settings = ["work_mem": "5MB"]
        let connection = try Connection(configuration)
        func setting(_ name: String) throws -> String {
            try connection.query("SELECT current_setting($1)", [.text(name)]).text(0, 0)
        }
        #expect(try setting("statement_timeout") == "12s")
        #expect(try setting("lock_timeout") == "3s")
        #expect(try setting("application_name") == "Bobs ledger")
        #expect(try setting("work_mem") == "5MB")
        #expect(try setting("TimeZone") == "UTC")
        #expect(connection.toldProcess == Int(try connection.process()))
        #expect(connection.serverVersion == (try TestCluster.shared.get()).cluster.serverVersion)
    }

    @Test(arguments: ["client_encoding=LATIN1", "options=-c%20client_encoding%3DLATIN1"])
    func textIsUTF8WhateverTheURISays(_ words: String) throws {
        var configuration = try SharedServer.configuration()
        configuration.uri += (configuration.uri.contains("?") ? "&" : "?") + words
        let connection = try Connection(configuration)
        let rows = try connection.query("SELECT length($1), $1, chr(8364)", [.text("ü")])
        #expect(try rows.integer(0, 0) == 1)
        #expect(try rows.text(0, 1) == "ü")
        #expect(try rows.text(0, 2) == "€")
    }

    @Test func aConnectionWorksAsItsRoleAndNoLongerAsItsLogin() throws {
        var configuration = try SharedServer.configuration()
        configuration.role = "pg_monitor"
        let connection = try Connection(configuration)
        #expect(try connection.query("SELECT current_user::text").text(0, 0) == "pg_monitor")
        connection.refuses("42501") { try $0.execute("CREATE ROLE another") }
        configuration.role = "no_such_role"
        let error = #expect(throws: PostgresError.self) { try Connection(configuration) }
        #expect(error?.sqlState == "22023")
    }

    @Test(arguments: [
        ("SELEC 1", "42601"), ("SELECT * FROM no_such_table", "42P01"), ("SELECT 1/0", "22012"),
        ("SELECT $1", "08P01"), ("SELECT 1; SELECT 2", "42601"), ("SELECT no_such(1)", "42883"),
    ])
    func aStatementThatFailedLeavesTheConnectionUsable(_ statement: String, _ state: String) throws
    {
        let connection = try SharedServer.connect()
        let process = try connection.process()
        for _ in 0..<2 { connection.refuses(state) { _ = try $0.query(statement) } }
        #expect(try connection.process() == process)
    }

    @Test func aScriptIsAllOrNothing() throws {
        let connection = try SharedServer.connect()
        try connection.execute("CREATE TEMP TABLE t (a int); INSERT INTO t VALUES (1), (2)")
        connection.refuses("22012") { try $0.execute("DELETE FROM t; SELECT 1/0") }
        #expect(try connection.number("SELECT count(*) FROM t") == 2)
        try connection.execute("")
    }

    @Test func aStatementThatTakesTooLongIsEndedByTheServer() throws {
        var configuration = try SharedServer.configuration()
        configuration.statementTimeout = 20
        try Connection(configuration).refuses("57014") { _ = try $0.query("SELECT pg_sleep(60)") }
    }

    @Test func aLockThatIsHeldTooLongIsNotWaitedFor() throws {
        let key = 7_301_001
        let holder = try SharedServer.connect()
        try holder.execute("SELECT pg_advisory_lock(\(key))")
        var configuration = try SharedServer.configuration()
        configuration.lockTimeout = 20
        let waiter = try Connection(configuration)
        waiter.refuses("55P03") { try $0.execute("SELECT pg_advisory_lock(\(key))") }
        try holder.execute("SELECT pg_advisory_unlock(\(key))")
        try waiter.execute("SELECT pg_advisory_lock(\(key))")
    }

    @Test func aSessionThatWasEndedMeanwhileIsFoundOutBeforeItIsUsed() throws {
        let connection = try SharedServer.connect()
        #expect(connection.isUsable)
        try SharedServer.terminate(connection.process())
        #expect(!connection.isUsable)
        let error = #expect(throws: PostgresError.self) { try connection.query("SELECT 1") }
        #expect(error?.code == .connectionLost)
    }

    @Test func aSessionThatEndsInMidCallIsLostAndNotRefused() throws {
        let connection = try SharedServer.connect()
        let error = #expect(throws: PostgresError.self) {
            try connection.query("SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(60)")
        }
        #expect(error?.code == .connectionLost)
        #expect(error?.isLasting == false)
        #expect(!connection.isUsable)
    }

    @Test func aServerThatDoesNotWriteIsNamedAStandby() throws {
        var configuration = try SharedServer.configuration()
        configuration.settings = ["default_transaction_read_only": "on"]
        let connection = try Connection(configuration)
        #expect(connection.isReadOnly)
        #expect(connection.isUsable)
        let error = #expect(throws: PostgresError.self) {
            try connection.execute("CREATE TABLE never (a int)")
        }
        #expect(error?.code == .standby)
        #expect(!connection.isUsable)
        #expect(try !SharedServer.connect().isReadOnly)
    }

    @Test func onlyWarningsAreCounted() throws {
        let connection = try SharedServer.connect()
        let before = connection.warningCount
        try connection.execute("SET client_min_messages = notice")
        try connection.execute("DO $$ BEGIN RAISE NOTICE 'n'; RAISE INFO 'i'; END $$")
        #expect(connection.warningCount == before)
        try connection.execute("DO $$ BEGIN RAISE WARNING 'w'; RAISE WARNING 'x'; END $$")
        #expect(connection.warningCount == before + 2)
        try connection.requireConfirmation(since: before + 2)
        let error = #expect(throws: PostgresError.self) {
            try connection.requireConfirmation(since: before)
        }
        #expect(error?.code == .unconfirmedCommit)
    }

    @Test(arguments: [("TL001", #"{"version": 3}"#), ("P0001", nil)])
    func onlyOurOwnErrorsKeepTheirDetail(_ state: String, _ detail: String?) throws {
        let connection = try SharedServer.connect()
        let error = #expect(throws: PostgresError.self) {
            try connection.execute(
                """
                DO $$ BEGIN RAISE 'the message' USING ERRCODE = '\(state)', HINT = 'secret',
                    DETAIL = '{"version": 3}'; END $$
                """
            )
        }
        #expect(error?.detail == detail)
        #expect(error?.description == "the message (SQLSTATE \(state))")
        #expect(error?.isLasting == true)
    }

    @Test func moreStatementsThanAreKeptCanBePrepared() throws {
        let connection = try SharedServer.connect()
        func prepared() throws -> Int64 {
            try connection.number("SELECT count(*) FROM pg_prepared_statements")
        }
        for number in 0..<600 { #expect(try connection.number("SELECT \(number)") == number) }
        #expect(try (1...512).contains(prepared()))
        for number in [0, 511, 599] { #expect(try connection.number("SELECT \(number)") == number) }
        let kept = try prepared()
        for _ in 0..<3 { _ = try connection.number("SELECT 599") }
        #expect(try prepared() == kept)
    }

    /// A connection that has prepared a statement whose result has changed since.
    private static func stale() throws -> Connection {
        let connection = try SharedServer.connect()
        try connection.execute("CREATE TEMP TABLE t (a int); INSERT INTO t VALUES (1)")
        #expect(try connection.number(everything) == 1)
        try connection.execute("ALTER TABLE t ALTER a TYPE bigint, ADD b int DEFAULT 2")
        return connection
    }
    private static let everything = "SELECT * FROM t"

    @Test func aStatementWhoseResultChangedIsPreparedAgain() throws {
        let connection = try Self.stale()
        for _ in 0..<2 { #expect(try connection.query(Self.everything).integer(0, 1) == 2) }
    }

    @Test func aStatementWhoseResultChangedEndsATransactionOnce() throws {
        let connection = try Self.stale()
        connection.refuses("0A000") { connection in
            try connection.transaction { _ = try connection.query(Self.everything) }
        }
        let number = try connection.transaction {
            try connection.query(Self.everything).integer(0, 1)
        }
        #expect(number == 2)
    }

    @Test func statementsThatArePreparedAgainAreBoundedAsOthersAre() throws {
        let connection = try Self.stale()
        for number in 0..<600 {
            let type = number.isMultiple(of: 2) ? "int" : "bigint"
            try connection.execute("ALTER TABLE t ALTER b TYPE \(type)")
            #expect(try connection.query(Self.everything).integer(0, 1) == 2)
        }
        #expect(
            try (1...512).contains(connection.number("SELECT count(*) FROM pg_prepared_statements"))
        )
    }

    @Test func aStatementThatIsNeverSupportedStaysRefused() throws {
        let connection = try SharedServer.connect()
        try connection.execute(
            """
            CREATE FUNCTION pg_temp.refuse() RETURNS int LANGUAGE plpgsql AS
                'BEGIN RAISE feature_not_supported; END'
            """
        )
        for _ in 0..<3 {
            connection.refuses("0A000") { _ = try $0.query("SELECT pg_temp.refuse()") }
        }
    }

    @Test func statementsThatOnlyLookAlikeAreOthers() throws {
        let connection = try SharedServer.connect()
        #expect(try connection.number("SELECT length('\u{e9}')") == 1)
        #expect(try connection.number("SELECT length('e\u{301}')") == 2)
    }
}
