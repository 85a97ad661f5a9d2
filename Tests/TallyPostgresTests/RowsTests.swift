// Numbers of rows: each decoder gives what it promises, or refuses; nobody has to look again before
// counting with one.

import TallyTesting
import Tallystick
import Testing

@testable import TallyPostgres

@Suite(.database)
struct RowsTests {
    private static let latest = 253_402_300_799_999_999

    private func rows(_ values: String) throws -> Rows {
        let test = try TestLedger.current
        let connection = try Connection(ConnectionConfiguration(uri: test.configuration.database))
        return try connection.query("SELECT \(values)")
    }

    private func refuses<Value>(_ read: () throws(PostgresError) -> Value) -> Bool {
        do throws(PostgresError) {
            _ = try read()
            return false
        } catch {
            return error.code == .unexpectedResult
        }
    }

    @Test("A natural number ends at its bound and begins at zero, in every width")
    func naturals() throws {
        let sound = try rows("0::smallint, 2147483647::int, \(1 << 40)::bigint")
        #expect(try (0..<3).map { try sound.natural(0, $0) } == [0, 2_147_483_647, 1 << 40])
        let absurd = try rows(
            "-1::smallint, -1::int, -1::bigint, \(1 << 40 + 1)::bigint, \(Int64.max), '\(Int64.min)'::bigint"
        )
        for column in 0..<6 {
            #expect(refuses { () throws(PostgresError) in try absurd.natural(0, column) })
            #expect(refuses { () throws(PostgresError) in try absurd.optionalNatural(0, column) })
        }
        #expect(try rows("NULL::bigint").optionalNatural(0, 0) == nil)
    }

    @Test("A natural number is refused where the caller's type is smaller")
    func widths() throws {
        let wide = try rows("\(Int64(Int32.max) + 1), 256, -1")
        #expect(refuses { () throws(PostgresError) in try wide.natural(0, 0, as: Int32.self) })
        #expect(refuses { () throws(PostgresError) in try wide.integer(0, 1, as: UInt8.self) })
        #expect(refuses { () throws(PostgresError) in try wide.integer(0, 2, as: UInt64.self) })
        #expect(try wide.natural(0, 0, as: UInt32.self) == 1 << 31)
        #expect(try wide.integer(0, 2, as: Int16.self) == -1)
    }

    @Test("What is only shown is the nearest that can be")
    func nearest() throws {
        let shown = try rows("-1::bigint, \(Int64.max), 7::bigint")
        #expect(try (0..<3).map { try shown.nearestNatural(0, $0) } == [0, 1 << 40, 7])
    }

    @Test("A time lies between 1970 and the end of the year 9999")
    func times() throws {
        let times = try rows("0::bigint, \(Self.latest), \(Self.latest + 1), -1::bigint")
        #expect(try times.time(0, 0) == 0)
        #expect(try times.optionalTime(0, 1) == UInt64(Self.latest))
        for column in 2...3 {
            #expect(refuses { () throws(PostgresError) in try times.time(0, column) })
        }
    }

    @Test("One absurd number of an array refuses the array")
    func arrays() throws {
        #expect(try rows("ARRAY[0, 5]::bigint[]").naturals(0, 0) == [0, 5])
        let absurd = try rows("ARRAY[0, -5]::bigint[], ARRAY[\(Int64.max)]")
        for column in 0...1 {
            #expect(refuses { () throws(PostgresError) in try absurd.naturals(0, column) })
        }
    }
}
