// Array parameters: every element type, NULL among the elements, no elements at all, and a buffer
// that is used again; an element that its type does not allow is refused.

import TallyTesting
import Testing

@testable import TallyPostgres

struct ArrayColumnTests {
    private static func column(_ type: PostgresType, _ values: [[UInt8]?]) -> ArrayColumn {
        var column = ArrayColumn(type)
        for value in values { column.append(value) }
        return column
    }

    private static func integers<Value: FixedWidthInteger & SignedInteger>(
        _ type: PostgresType,
        _ values: [Value]
    ) -> ArrayColumn {
        var column = ArrayColumn(type)
        for value in values { column.append(value) }
        return column
    }

    /// The server's text of an array, and the name of its type.
    private static func read(_ column: ArrayColumn) throws -> [String] {
        let rows = try SharedServer.connect()
            .query("SELECT pg_typeof($1)::text, $1::text", [Parameter(column)])
        return [try rows.text(0, 0), try rows.text(0, 1)]
    }

    @Test func everyTypeOfElementArrives() throws {
        let columns = [
            (Self.column(.bool, [[1], [0]]), "boolean[]", "{t,f}"),
            (Self.column(.bytea, [[], [0, 255]]), "bytea[]", #"{"\\x","\\x00ff"}"#),
            (Self.integers(.bigint, [Int64.min]), "bigint[]", "{\(Int64.min)}"),
            (Self.integers(.smallint, [Int16.min, .max]), "smallint[]", "{-32768,32767}"),
            (Self.integers(.integer, [Int32(-1), .max]), "integer[]", "{-1,2147483647}"),
            (Self.column(.text, [Array("a,ü".utf8), []]), "text[]", #"{"a,ü",""}"#),
            (
                Self.column(.uuid, [[UInt8](repeating: 0xab, count: 16)]), "uuid[]",
                "{abababab-abab-abab-abab-abababababab}"
            ),
        ]
        for (column, type, text) in columns { #expect(try Self.read(column) == [type, text]) }
    }

    @Test func nullAndEmptyAreToldApart() throws {
        let mixed = Self.column(.text, [nil, [], Array("NULL".utf8), nil])
        #expect(try Self.read(mixed) == ["text[]", #"{NULL,"","NULL",NULL}"#])
        #expect(try Self.read(Self.column(.bigint, [nil])) == ["bigint[]", "{NULL}"])
        #expect(try Self.read(ArrayColumn(.uuid)) == ["uuid[]", "{}"])
    }

    @Test func bytesThatLieElsewhereAreCopied() throws {
        var column = ArrayColumn(.bytea)
        [UInt8](1...3).withUnsafeBytes { column.append($0) }
        column.append(UnsafeRawBufferPointer(start: nil, count: 0))
        #expect(try Self.read(column) == ["bytea[]", #"{"\\x010203","\\x"}"#])
    }

    @Test func anEmptiedColumnRemembersNothing() throws {
        var column = Self.column(.text, [nil, Array("old".utf8)])
        #expect(column.count == 2)
        #expect(column.byteCount == 4 + 4 + 3)
        column.removeAll()
        #expect(column.count == 0)
        #expect(column.byteCount == 0)
        #expect(column.encoded() == ArrayColumn(.text).encoded())
        column.append(Array("new".utf8))
        #expect(column.encoded() == Self.column(.text, [Array("new".utf8)]).encoded())
        #expect(try Self.read(column) == ["text[]", "{new}"])
    }

    @Test func aHundredThousandElementsKeepTheirOrder() throws {
        let values = (0..<100_000).map { Int64($0) * -1_000_003 }
        let rows = try SharedServer.connect()
            .query("SELECT $1, cardinality($1)", [Parameter(Self.integers(.bigint, values))])
        #expect(try rows.integer(0, 1) == values.count)
        #expect(try rows.integers(0, 0) == values, "some element is another")
    }

    @Test func columnsOfOneBatchUnnestSideBySide() throws {
        let numbers = Self.integers(.bigint, [Int64(1), 2])
        let words = Self.column(.text, [Array("one".utf8), nil])
        let rows = try SharedServer.connect().query(
            "SELECT * FROM unnest($1, $2)",
            [Parameter(numbers), Parameter(words)]
        )
        #expect(try (0..<rows.count).map { try rows.integer($0, 0) } == [1, 2])
        #expect(try rows.text(0, 1) == "one")
        #expect(rows.isNull(1, 1))
    }

    @Test func anElementThatItsTypeDoesNotAllowIsRefused() throws {
        let connection = try SharedServer.connect()
        for (column, state) in [
            (Self.integers(.bigint, [Int32(1)]), "08P01"), (Self.column(.uuid, [[1]]), "08P01"),
            (Self.integers(.smallint, [Int64(1)]), "22P03"), (Self.column(.bigint, [[]]), "08P01"),
            (Self.column(.text, [[0x61, 0xff]]), "22021"), (Self.column(.text, [[0]]), "22021"),
        ] {
            connection.refuses(state, "\(column)") {
                _ = try $0.query("SELECT $1", [Parameter(column)])
            }
        }
    }
}
