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
            "-1::smallint, -1::int, -1::bigint, \(1 << 40 + 1)::bigint, \(Int64.max), "
                + "'\(Int64.min)'::bigint"
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

    @Test("What is there is told from NULL, and NULL from what is empty")
    func nulls() throws {
        let rows = try rows("NULL::text, ''::text, NULL::bytea, '\\x'::bytea, NULL::bigint")
        #expect((0..<5).map { rows.isNull(0, $0) } == [true, false, true, false, true])
        #expect(rows.optionalBytes(0, 0) == nil)
        #expect(rows.optionalBytes(0, 1) == [])
        #expect(rows.optionalBytes(0, 2) == nil)
        #expect(rows.optionalBytes(0, 3) == [])
        #expect(try rows.optionalInteger(0, 4) == nil)
        #expect(try rows.optionalTime(0, 4) == nil)
    }

    @Test("NULL is refused where a value was promised")
    func promises() throws {
        let rows = try rows("NULL::bigint")
        #expect(refuses { () throws(PostgresError) in try rows.integer(0, 0) })
        #expect(refuses { () throws(PostgresError) in try rows.natural(0, 0) })
        #expect(refuses { () throws(PostgresError) in try rows.nearestNatural(0, 0) })
        #expect(refuses { () throws(PostgresError) in try rows.time(0, 0) })
        #expect(refuses { () throws(PostgresError) in try rows.text(0, 0) })
        #expect(refuses { () throws(PostgresError) in try rows.bytes(0, 0) })
        #expect(refuses { () throws(PostgresError) in try rows.bool(0, 0) })
        #expect(refuses { () throws(PostgresError) in try rows.integers(0, 0) })
    }

    @Test("A value that is no number is none")
    func noNumbers() throws {
        let rows = try rows(
            """
            'abc'::text, ''::text, '\\x010203'::bytea, true, gen_random_uuid(), 'ab'::text,
            1.5::float8, 1.5::float4, 5::numeric, 'abcdefgh'::name, 'a'::"char", 5::oid, '5'::xid,
            now(), '\\x0102'::bytea, ARRAY[1], NULL::text
            """
        )
        for column in 0..<17 {
            #expect(refuses { () throws(PostgresError) in try rows.integer(0, column) })
            #expect(refuses { () throws(PostgresError) in try rows.optionalInteger(0, column) })
        }
    }

    @Test("Rows and columns beyond the last are refused")
    func beyond() throws {
        let uri = try TestLedger.current.configuration.database
        let connection = try Connection(ConnectionConfiguration(uri: uri))
        let rows = try connection.query("SELECT g::bigint FROM generate_series(1, 2) g")
        #expect(rows.count == 2)
        #expect(try (0..<2).map { try rows.integer($0, 0) } == [1, 2])
        let absent = [(2, 0), (0, 1), (1, 7), (-1, 0), (0, -1), (1 << 32, 0), (0, 1 << 32)]
        for (row, column) in absent {
            #expect(refuses { () throws(PostgresError) in try rows.integer(row, column) })
            #expect(refuses { () throws(PostgresError) in try rows.optionalInteger(row, column) })
            #expect(refuses { () throws(PostgresError) in try rows.optionalNatural(row, column) })
            #expect(refuses { () throws(PostgresError) in try rows.optionalTime(row, column) })
            #expect(refuses { () throws(PostgresError) in try rows.bytes(row, column) })
            #expect(rows.optionalBytes(row, column) == nil)
            #expect(rows.isNull(row, column))
        }
        #expect(try connection.query("SELECT 1 WHERE false").count == 0)
        #expect(try connection.query("CREATE TEMP TABLE t ()").count == 0)
    }

    @Test("Texts, truth values and bytes are what the server has")
    func others() throws {
        let rows = try rows("'Zoë 🧾'::text, ''::text, true, false, '\\x00ff'::bytea")
        #expect(try rows.text(0, 0) == "Zoë 🧾")
        #expect(try rows.text(0, 1) == "")
        #expect(try (2...3).map { try rows.bool(0, $0) } == [true, false])
        #expect(try rows.bytes(0, 4) == [0, 255])
    }

    @Test("A text is one of every type that is sent as its text")
    func kindsOfText() throws {
        let texts = try rows(
            """
            'Zoë'::name, 'Zoë'::varchar, 'Zoë'::varchar(3), 'Zoë'::char(3), '"Zoë"'::json,
            'Z'::"char", 'Zoë'
            """
        )
        #expect(try (0..<4).map { try texts.text(0, $0) } == ["Zoë", "Zoë", "Zoë", "Zoë"])
        #expect(try (4..<7).map { try texts.text(0, $0) } == ["\"Zoë\"", "Z", "Zoë"])
        let others = try rows(
            """
            '\\x00ff'::bytea, 1, true, '1'::jsonb, 'text'::regtype, now(), gen_random_uuid(),
            NULL::bytea
            """
        )
        for column in 0..<8 {
            #expect(refuses { () throws(PostgresError) in try others.text(0, column) })
        }
    }

    @Test("A truth value is a boolean and nothing else")
    func truth() throws {
        let others = try rows(
            "1, 0::smallint, 't'::text, 't'::\"char\", '\\x01'::bytea, NULL::int, NULL::bool"
        )
        for column in 0..<7 {
            #expect(refuses { () throws(PostgresError) in try others.bool(0, column) })
        }
    }

    @Test("Bytes are there for every type")
    func raw() throws {
        let rows = try rows(
            "258::smallint, 'ab'::text, true, '00000000-0000-0000-0000-000000000001'::uuid"
        )
        #expect(try rows.bytes(0, 0) == [1, 2])
        #expect(try rows.bytes(0, 1) == [0x61, 0x62])
        #expect(try rows.bytes(0, 2) == [1])
        #expect(try rows.bytes(0, 3) == [UInt8](repeating: 0, count: 15) + [1])
    }

    @Test("Rows outlive their connection, and so does what libpq may call")
    func lives() throws {
        weak var opened: Connection?
        weak var counter: NoticeCounter?
        func read() throws -> Rows {
            let connection = try SharedServer.connect()
            opened = connection
            counter = connection.notices
            return try connection.query("SELECT 5")
        }
        var rows: Rows? = try read()
        #expect(opened == nil)
        #expect(counter != nil)
        #expect(try rows?.integer(0, 0) == 5)
        rows = nil
        #expect(counter == nil)
    }

    @Test("An array of numbers has any width, and no NULL")
    func elements() throws {
        let rows = try rows(
            """
            ARRAY[-1, 2]::smallint[], ARRAY[-1, 2]::int[], ARRAY[\(Int64.max)], '{}'::bigint[],
            ARRAY[1, NULL], ARRAY['abc'::text], NULL::bigint[], 5::bigint, ARRAY[[1, 2], [3, 4]],
            ARRAY['ab'::bytea], ARRAY[true], ARRAY[1.5::float8], '1 2'::int2vector, ARRAY[5::oid],
            'abcdefghijklmnopqrstuvwxyz'::text
            """
        )
        for column in 0...1 { #expect(try rows.integers(0, column) == [-1, 2]) }
        #expect(try rows.integers(0, 2) == [.max])
        #expect(try rows.integers(0, 3) == [])
        for column in 4...14 {
            #expect(refuses { () throws(PostgresError) in try rows.integers(0, column) })
        }
    }
}
