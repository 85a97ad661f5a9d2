// COPY out: every row once and in order, of any size; a stream that is abandoned or refused in the
// middle leaves a connection that can be used.

import TallyTesting
import Testing

@testable import TallyPostgres

struct CopyReaderTests {
    /// Many times what any buffer between the server and us holds; the sequence counts what was
    /// made.
    private static let long = """
        SELECT nextval('made'), repeat('x', 1000) FROM generate_series(1, \(longCount))
        """
    private static let longCount = 200_000

    /// A connection that can make the long stream.
    private static func connect() throws -> Connection {
        let connection = try SharedServer.connect()
        try connection.execute("CREATE TEMP SEQUENCE made; CREATE TEMP TABLE t (a int)")
        return connection
    }

    private static func rows(_ query: String) throws -> [CopyRow] {
        var rows: [CopyRow] = []
        try SharedServer.connect().copyOut(query) { rows.append($0) }
        return rows
    }

    @Test func aRowHasItsColumnsInBinaryForm() throws {
        let query = """
            SELECT 1::smallint, -2, \(Int64.min), 'ü'::text, ''::text, NULL::text, '\\x00ff'::bytea
            """
        let rows = try Self.rows(query)
        let row = try #require(rows.first)
        #expect(rows.count == 1)
        #expect(row.columns.count == 7)
        #expect(try (0..<3).map { try row.integer($0) } == [1, -2, .min])
        #expect(try row.bytes(3) == Array("ü".utf8))
        #expect(try row.bytes(4) == [])
        #expect(row.columns[5] == nil)
        #expect(try row.bytes(6) == [0, 255])
    }

    @Test func noRowsAndRowsWithoutColumnsAreToldApart() throws {
        #expect(try Self.rows("SELECT 1 WHERE false").isEmpty)
        let rows = try Self.rows("SELECT FROM generate_series(1, 2)")
        #expect(rows.map(\.columns.count) == [0, 0])
    }

    @Test func manyRowsComeOnceAndInOrder() throws {
        var next: Int64 = 1
        try SharedServer.connect().copyOut("SELECT g FROM generate_series(1, 100000) g") { row in
            if try row.integer(0) == next { next += 1 }
        }
        #expect(next == 100_001)
    }

    @Test(arguments: [0, 1, 8191, 8192, 1 << 20, 32 << 20])
    func aFieldOfAnySizeComesWhole(_ count: Int) throws {
        let rows = try Self.rows("SELECT repeat('x', \(count)) || 'end', 7")
        let expected = [UInt8](repeating: UInt8(ascii: "x"), count: count) + Array("end".utf8)
        #expect(try rows.map { try $0.bytes(0) == expected } == [true])
        #expect(try rows.map { try $0.integer(1) } == [7])
    }

    @Test func whatIsNoNumberOrNullIsRefused() throws {
        let row = try #require(try Self.rows("SELECT NULL::bigint, 'abc'::text, true").first)
        for column in 0..<3 {
            let error = #expect(throws: PostgresError.self) { try row.integer(column) }
            #expect(error?.code == .unexpectedResult)
        }
        let error = #expect(throws: PostgresError.self) { try row.bytes(0) }
        #expect(error?.code == .unexpectedResult)
        #expect(try row.bytes(2) == [1])
    }

    @Test func aColumnThatIsNotThereIsRefused() throws {
        let row = try #require(try Self.rows("SELECT 1, 'abc'::text").first)
        for column in [-1, 2] {
            let number = #expect(throws: PostgresError.self) { try row.integer(column) }
            #expect(number?.code == .unexpectedResult)
            let bytes = #expect(throws: PostgresError.self) { try row.bytes(column) }
            #expect(bytes?.code == .unexpectedResult)
        }
    }

    @Test(arguments: [("SELEC 1", "42601"), ("SELECT 1 FROM no_such_table", "42P01")])
    func aQueryThatIsRefusedGivesNoRow(_ query: String, _ state: String) throws {
        try SharedServer.connect().refuses(state) { connection in
            try connection.copyOut(query) { _ in Issue.record("a row came") }
        }
    }

    @Test func aQueryThatFailsInTheMiddleIsRefusedAfterItsFirstRows() throws {
        let connection = try SharedServer.connect()
        var seen = 0
        connection.refuses("22012") { connection in
            try connection.copyOut("SELECT 1 / (5000 - g) FROM generate_series(1, 9999) g") { _ in
                seen += 1
            }
        }
        #expect(seen == 4999)
    }

    @Test(arguments: [1, 2, 5000])
    func aStreamThatIsAbandonedIsCancelled(_ last: Int) throws {
        let connection = try Self.connect()
        let process = try connection.process()
        var seen = 0
        #expect(throws: Interruption(number: last)) {
            try connection.copyOut(Self.long) { _ in
                seen += 1
                if seen == last { throw Interruption(number: last) }
            }
        }
        #expect(seen == last)
        #expect(try connection.process() == process)
        #expect(try connection.number("SELECT last_value FROM made") < Self.longCount)
        var numbers: [Int64] = []
        try connection.copyOut("VALUES (1), (2)") { numbers.append(try $0.integer(0)) }
        #expect(numbers == [1, 2])
    }

    @Test func aStreamThatIsAbandonedAtItsEndIsNoTrouble() throws {
        let connection = try SharedServer.connect()
        for number in 0..<20 {
            #expect(throws: Interruption(number: number)) {
                try connection.copyOut("SELECT 1") { _ in throw Interruption(number: number) }
            }
            #expect(try connection.number("SELECT \(number)") == number)
        }
    }

    @Test func aStreamThatIsAbandonedInATransactionRollsItBack() throws {
        let connection = try Self.connect()
        #expect(throws: Interruption(number: 1)) {
            try connection.transaction {
                try connection.execute("INSERT INTO t VALUES (1)")
                try connection.copyOut(Self.long) { _ in throw Interruption(number: 1) }
            }
        }
        #expect(try connection.number("SELECT count(*) FROM t") == 0)
    }

    /// What a body can do on its connection that ends the stream.
    private static let uses: [@Sendable (Connection) throws -> Void] = [
        { _ = try $0.number("SELECT 1") }, { try $0.execute("SELECT 1") },
        { try? $0.execute("SELECT 1/0") }, { try $0.copyOut("SELECT 1") { _ in } },
        { try $0.copyIn("t") { _ in } }, { try $0.transaction {} },
    ]

    @Test(arguments: uses.indices, [1, 10])
    func aBodyThatUsesTheConnectionNeverEndsTheStreamInSilence(_ use: Int, _ last: Int) throws {
        let connection = try Self.connect()
        let process = try connection.process()
        var seen = 0
        let error = #expect(throws: PostgresError.self) {
            try connection.copyOut("SELECT g FROM generate_series(1, 100000) g") { _ in
                seen += 1
                if seen == last { try Self.uses[use](connection) }
            }
        }
        #expect(error?.code == .unexpectedResult)
        #expect(seen == last)
        #expect(try connection.process() == process)
        #expect(try connection.number("SELECT 2") == 2)
    }

    @Test func aServerThatGoesInTheMiddleIsLost() throws {
        let connection = try Self.connect()
        let process = try connection.process()
        var seen = 0
        let error = #expect(throws: PostgresError.self) {
            try connection.copyOut(Self.long) { _ in
                seen += 1
                if seen == 1 { try SharedServer.terminate(process) }
            }
        }
        #expect(error?.code == .connectionLost)
        #expect(seen >= 1)
        #expect(!connection.isUsable)
    }
}
