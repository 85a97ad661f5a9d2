// COPY in: what is written arrives as it would by INSERT, whatever its size; one bad row refuses
// all of them, and the connection can be used again.

import TallyTesting
import Testing

@testable import TallyPostgres

struct CopyWriterTests {
    /// A connection with an empty temporary table `t`.
    private static func connect(_ columns: String) throws -> Connection {
        let connection = try SharedServer.connect()
        try connection.execute("CREATE TEMP TABLE t (\(columns))")
        return connection
    }

    /// The rows of `t` as the server writes them.
    private static func contents(_ connection: Connection) throws -> [String] {
        let rows = try connection.query("SELECT t::text FROM t ORDER BY ctid")
        return try (0..<rows.count).map { try rows.text($0, 0) }
    }

    @Test func everyKindOfFieldArrives() throws {
        let connection = try Self.connect("a smallint, b int, c bigint, d text, e bytea, f uuid")
        try connection.copyIn("t (a, b, c, d, e, f)") { writer in
            writer.row(fields: 6)
            writer.field(Int16.min)
            writer.field(Int32.max)
            writer.field(Int64.min)
            writer.field(Array("ü".utf8))
            [UInt8](0...1).withUnsafeBytes { writer.field($0) }
            writer.field([UInt8](repeating: 0xab, count: 16))
        }
        let bytes = #""\\x0001",abababab-abab-abab-abab-abababababab"#
        let row = "(-32768,2147483647,\(Int64.min),ü,\(bytes))"
        #expect(try Self.contents(connection) == [row])
    }

    @Test func nullAndEmptyAreToldApart() throws {
        let connection = try Self.connect("a text, b bytea, c int")
        try connection.copyIn("t") { writer in
            writer.row(fields: 3)
            writer.field(nil)
            writer.field([])
            writer.null()
            writer.row(fields: 3)
            writer.field(UnsafeRawBufferPointer(start: nil, count: 0))
            writer.null()
            writer.field(Int32(0))
        }
        #expect(try Self.contents(connection) == [#"(,"\\x",)"#, #"("",,0)"#])
    }

    @Test func columnsThatAreNotNamedHaveTheirDefaults() throws {
        let connection = try Self.connect("a int DEFAULT 5, b int")
        try connection.copyIn("t (b)") { writer in
            writer.row(fields: 1)
            writer.field(Int32(6))
        }
        #expect(try Self.contents(connection) == ["(5,6)"])
    }

    @Test func noRowsAreNoError() throws {
        let connection = try Self.connect("a int")
        try connection.copyIn("t") { _ in }
        #expect(try Self.contents(connection) == [])
        #expect(connection.isUsable)
    }

    @Test func manyRowsArriveOnceAndInOrder() throws {
        let connection = try Self.connect("a bigint")
        try connection.copyIn("t") { writer in
            for number in 0..<200_000 {
                writer.row(fields: 1)
                writer.field(Int64(number))
            }
        }
        let rows = try connection.query(
            "SELECT count(*), count(DISTINCT a), max(a), bool_and(a = n - 1) FROM "
                + "(SELECT a, row_number() OVER (ORDER BY ctid) AS n FROM t) AS numbered"
        )
        #expect(try (0..<3).map { try rows.integer(0, $0) } == [200_000, 200_000, 199_999])
        #expect(try rows.bool(0, 3))
    }

    /// Fields with which the stream is a whole number of pieces, a byte less and a byte more.
    private static let sizes = [1, 2].flatMap { pieces in
        (-1...1).map { pieces << 20 - framing + $0 }
    }
    /// The stream's header and end, the row's count and the field's length.
    private static let framing = 19 + 2 + 2 + 4

    @Test(arguments: sizes + [16 << 20])
    func aFieldOfAnySizeArrivesWhole(_ count: Int) throws {
        let connection = try Self.connect("a bytea")
        let bytes = SharedServer.bytes(count)
        try connection.copyIn("t") { writer in
            writer.row(fields: 1)
            writer.field(bytes)
        }
        let same = try connection.query("SELECT count(*) FROM t WHERE a = $1", [.bytea(bytes)])
        #expect(try same.integer(0, 0) == 1)
    }

    /// The second of three rows of a number and a text, which the server refuses.
    private static let bad: [(fields: [[UInt8]?], state: String)] = [
        ([eight(2)], "22P04"), ([eight(2), nil, nil], "22P04"), ([], "22P04"),
        ([[0, 0, 0, 2], nil], "08P01"), ([eight(2) + [0], nil], "22P03"), ([nil, nil], "23502"),
        ([eight(1), nil], "23505"), ([eight(0), nil], "23514"), ([eight(2), [0]], "22021"),
        ([eight(2), [0x61, 0xff]], "22021"),
    ]

    private static func eight(_ last: UInt8) -> [UInt8] { [0, 0, 0, 0, 0, 0, 0, last] }

    @Test(arguments: bad)
    func oneBadRowRefusesAllOfThem(_ fields: [[UInt8]?], _ state: String) throws {
        let connection = try Self.connect("a bigint PRIMARY KEY CHECK (a > 0), b text")
        connection.refuses(state) { connection in
            try connection.copyIn("t (a, b)") { writer in
                Self.good(1, &writer)
                writer.row(fields: fields.count)
                for field in fields { writer.field(field) }
                Self.good(3, &writer)
            }
        }
        #expect(try Self.contents(connection) == [])
        try connection.copyIn("t (a, b)") { Self.good(4, &$0) }
        #expect(try Self.contents(connection) == ["(4,\"\")"])
    }

    @Test func aRowThatHasFewerFieldsThanItSaysIsRefused() throws {
        let connection = try Self.connect("a bigint, b text")
        connection.refuses("22P04") { connection in
            try connection.copyIn("t") { writer in
                Self.good(1, &writer)
                writer.row(fields: 2)
                writer.field(Int64(2))
            }
        }
        #expect(try Self.contents(connection) == [])
    }

    private static func good(_ number: Int64, _ writer: inout CopyWriter) {
        writer.row(fields: 2)
        writer.field(number)
        writer.field([])
    }

    @Test func aRefusalBeforeTheLastPieceWasSentIsTheServersOwn() throws {
        let connection = try Self.connect("a bigint CHECK (a > 0), b bytea")
        connection.refuses("23514") { connection in
            try connection.copyIn("t") { writer in
                for number in 0..<32 {
                    writer.row(fields: 2)
                    writer.field(Int64(number))
                    writer.field([UInt8](repeating: 7, count: 1 << 20))
                }
            }
        }
        #expect(try Self.contents(connection) == [])
    }

    @Test(arguments: [("no_such_table", "42P01"), ("t (no_such_column)", "42703")])
    func aPlaceThatIsNotThereIsRefused(_ place: String, _ state: String) throws {
        try Self.connect("a int").refuses(state) { connection in
            try connection.copyIn(place) { _ in }
        }
    }

    @Test func rowsOfATransactionThatIsRolledBackAreGone() throws {
        let connection = try Self.connect("a bigint, b text")
        #expect(throws: Interruption(number: 1)) {
            try connection.transaction {
                try connection.copyIn("t") { Self.good(1, &$0) }
                #expect(try Self.contents(connection).count == 1)
                throw Interruption(number: 1)
            }
        }
        #expect(try Self.contents(connection) == [])
    }

    @Test(arguments: [1, 64])
    func aServerThatGoesInTheMiddleIsLost(_ count: Int) throws {
        let connection = try Self.connect("a bigint, b bytea")
        try connection.execute(
            """
            CREATE FUNCTION pg_temp.go() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END';
            CREATE TRIGGER go BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION pg_temp.go()
            """
        )
        let error = #expect(throws: PostgresError.self) {
            try connection.copyIn("t") { writer in
                for number in 0..<count {
                    writer.row(fields: 2)
                    writer.field(Int64(number))
                    writer.field([UInt8](repeating: 7, count: 1 << 20))
                }
            }
        }
        #expect(error?.code == .connectionLost)
        #expect(!connection.isUsable)
    }

    @Test func whatIsCopiedInComesOutTheSame() throws {
        let connection = try Self.connect("a bigint, b bytea")
        let values: [[UInt8]?] = [nil, [], [0], [UInt8](repeating: 0xff, count: 70_000)]
        try connection.copyIn("t") { writer in
            for (number, value) in values.enumerated() {
                writer.row(fields: 2)
                writer.field(Int64(number))
                writer.field(value)
            }
        }
        var found: [[UInt8]?] = []
        try connection.copyOut("SELECT a, b FROM t ORDER BY a") { found.append($0.columns[1]) }
        #expect(found == values)
    }
}
