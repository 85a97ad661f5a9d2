// Parameters: each kind arrives as the server would have read it from text, at its bounds and
// empty, and one that its type does not allow is refused by the server.

import TallyTesting
import Testing

@testable import TallyPostgres

struct ParameterTests {
    /// A parameter with its type's name and its value in SQL.
    struct Kind: CustomTestStringConvertible {
        let parameter: Parameter
        let type: String
        let value: String

        init(_ parameter: Parameter, _ type: String, _ value: String) {
            (self.parameter, self.type, self.value) = (parameter, type, value)
        }

        var testDescription: String { "\(value.prefix(40))::\(type)" }
    }

    private static let awkward = "Zoë 🧾 \\ \"$1\" ' %s"
    private static let identifier = [UInt8](0..<16)

    private static let kinds = [
        Kind(.bigint(0), "bigint", "0"), Kind(.bigint(.max), "bigint", "\(Int64.max)"),
        Kind(.bigint(.min), "bigint", "\(Int64.min)"), Kind(.integer(-1), "integer", "-1"),
        Kind(.integer(.max), "integer", "\(Int32.max)"),
        Kind(.integer(.min), "integer", "\(Int32.min)"),
        Kind(.optionalInteger(258), "integer", "258"), Kind(.smallint(.max), "smallint", "32767"),
        Kind(.smallint(.min), "smallint", "-32768"), Kind(.bool(true), "boolean", "true"),
        Kind(.bool(false), "boolean", "false"), Kind(.text(""), "text", ""),
        Kind(.text("NULL"), "text", "NULL"), Kind(.text(awkward), "text", awkward),
        Kind(.bytea([]), "bytea", "\\x"), Kind(.bytea([0]), "bytea", "\\x00"),
        Kind(.bytea([0x5c, 0, 0xff]), "bytea", "\\x5c00ff"),
        Kind(.uuid(identifier), "uuid", "00010203-0405-0607-0809-0a0b0c0d0e0f"),
        Kind(Parameter(ArrayColumn(.bigint)), "bigint[]", "{}"),
    ]

    @Test(arguments: kinds)
    func aValueArrivesWithItsType(_ kind: Kind) throws {
        let connection = try SharedServer.connect()
        let rows = try connection.query(
            "SELECT pg_typeof($1)::text, $1 IS NOT NULL, $1 = $2::\(kind.type)",
            [kind.parameter, .text(kind.value)]
        )
        #expect(try rows.text(0, 0) == kind.type)
        #expect(try rows.bool(0, 1), "it arrived as NULL")
        #expect(try rows.bool(0, 2), "it arrived as another value")
    }

    @Test(arguments: [
        Kind(.noText, "text", "NULL"), Kind(.bytea(nil), "bytea", "NULL"),
        Kind(.optionalInteger(nil), "integer", "NULL"),
    ])
    func nothingArrivesAsNullOfItsType(_ kind: Kind) throws {
        let connection = try SharedServer.connect()
        let rows = try connection.query("SELECT pg_typeof($1)::text, $1", [kind.parameter])
        #expect(try rows.text(0, 0) == kind.type)
        #expect(rows.isNull(0, 1))
    }

    @Test(arguments: [
        (Parameter.text("a\0b"), "22021"), (.uuid([1, 2, 3]), "08P01"),
        (.uuid([UInt8](repeating: 0, count: 17)), "22P03"), (.uuid([]), "08P01"),
    ])
    func aValueThatItsTypeDoesNotAllowIsRefused(_ parameter: Parameter, _ state: String) throws {
        let connection = try SharedServer.connect()
        connection.refuses(state) { _ = try $0.query("SELECT $1", [parameter]) }
        #expect(try connection.query("SELECT $1", [.text("b")]).text(0, 0) == "b")
    }

    @Test func tooFewParametersAreRefusedAndSpareOnesAreNot() throws {
        let connection = try SharedServer.connect()
        let statement = "SELECT $1::int + $2::int"
        let parameters: [Parameter] = [.integer(1), .integer(2), .noText]
        for count in 0...1 {
            connection.refuses("08P01") {
                _ = try $0.query(statement, Array(parameters.prefix(count)))
            }
        }
        for count in 2...3 {
            #expect(
                try connection.query(statement, Array(parameters.prefix(count))).integer(0, 0) == 3
            )
        }
    }

    @Test func oneStatementTakesParametersOfOtherTypes() throws {
        let connection = try SharedServer.connect()
        for _ in 0..<2 {
            for (parameter, name) in [(Parameter.bigint(1), "bigint"), (.text("1"), "text")] {
                let rows = try connection.query("SELECT pg_typeof($1)::text", [parameter])
                #expect(try rows.text(0, 0) == name)
            }
        }
        connection.refuses("42883") { _ = try $0.query("SELECT 1 + $1", [.bool(true)]) }
    }

    @Test func parametersAreNeverReadAsStatements() throws {
        let connection = try SharedServer.connect()
        let hostile = "'; DROP TABLE t; --"
        try connection.execute("CREATE TEMP TABLE t (a text)")
        _ = try connection.query("INSERT INTO t VALUES ($1)", [.text(hostile)])
        #expect(try connection.query("SELECT a FROM t").text(0, 0) == hostile)
    }

    @Test func everyByteAndManyMegabytesGoThereAndBack() throws {
        let connection = try SharedServer.connect()
        let bytes = SharedServer.bytes((16 << 20) + 1)
        let rows = try connection.query("SELECT $1, length($1)", [.bytea(bytes)])
        #expect(try rows.integer(0, 1) == bytes.count)
        #expect(try rows.bytes(0, 0) == bytes, "some byte is another")
        let text = String(repeating: "é", count: 1 << 20)
        #expect(try connection.query("SELECT $1", [.text(text)]).text(0, 0) == text)
    }

    @Test func moreParametersThanTheProtocolCountsAreRefusedAndNothingIsLost() throws {
        let connection = try SharedServer.connect()
        let most = [Parameter](repeating: .integer(7), count: ConnectionLimits.parameters)
        #expect(try connection.query("SELECT $65535::int", most).integer(0, 0) == 7)
        connection.refuses("54023") { _ = try $0.query("SELECT 1", most + [.noText]) }
        let process = try connection.process()
        connection.refuses("54023") { _ = try $0.query("SELECT $1::int", most + most) }
        #expect(try connection.process() == process)
    }

    @Test func manyParametersKeepTheirOrder() throws {
        let connection = try SharedServer.connect()
        let count = 300
        let parameters = (1...count).map { index -> Parameter in
            index.isMultiple(of: 3) ? .noText : .text("\(index)")
        }
        let places = (1...count).map { "$\($0)" }.joined(separator: ", ")
        let rows = try connection.query("SELECT \(places)", parameters)
        for index in 1...count {
            let isNull = index.isMultiple(of: 3)
            #expect(rows.optionalBytes(0, index - 1) == (isNull ? nil : Array("\(index)".utf8)))
        }
    }
}
