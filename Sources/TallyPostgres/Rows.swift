// A statement's result in binary form. Reading a column of another type is a programming error
// in our own SQL, so it is refused once, in one place, as `unexpectedResult`; so is a number that
// no sound row holds, before anybody counts with it.

internal import CLibPQ

/// The rows of a result.
///
/// Every decoder throws `unexpectedResult` for a column of a type that is not its own, NULL or not,
/// and for a row or a column that is not there; one without `optional` in its name for NULL too.
package final class Rows {
    private let result: OpaquePointer
    /// libpq has copied its address into the result, which can outlive the connection.
    private let notices: NoticeCounter

    init(_ result: OpaquePointer, _ notices: NoticeCounter) {
        self.result = result
        self.notices = notices
    }

    deinit { PQclear(result) }

    /// The number of rows.
    package var count: Int { Int(PQntuples(result)) }

    /// The number of the column of that name, as SQL folds names; `nil` when there is none.
    func column(named name: String) -> Int? {
        let number = PQfnumber(result, name)
        return number < 0 ? nil : Int(number)
    }

    /// What the server says that it did, such as `COMMIT`.
    var command: String { PQcmdStatus(result).map { String(cString: $0) } ?? "" }

    /// Whether a value is NULL; one that is not there is, too.
    package func isNull(_ row: Int, _ column: Int) -> Bool {
        !holds(row, column) || PQgetisnull(result, Int32(row), Int32(column)) == 1
    }

    /// A value's bytes as the server sends them, whatever its type is.
    package func bytes(_ row: Int, _ column: Int) throws(PostgresError) -> [UInt8] {
        let value = try value(row, column)
        return [UInt8](try Self.present(value.bytes, column))
    }

    /// A value's bytes as the server sends them, whatever its type is, or `nil` for NULL and for a
    /// value that is not there.
    package func optionalBytes(_ row: Int, _ column: Int) -> [UInt8]? {
        guard let value = try? value(row, column) else { return nil }
        return value.bytes.map { [UInt8]($0) }
    }

    /// A smallint, integer or bigint.
    package func integer(_ row: Int, _ column: Int) throws(PostgresError) -> Int64 {
        try Self.present(optionalInteger(row, column), column)
    }

    /// A smallint, integer or bigint, or `nil` for NULL.
    package func optionalInteger(
        _ row: Int,
        _ column: Int
    ) throws(PostgresError) -> Int64? {
        try value(row, column).integer()
    }

    /// A number as the type that the caller wants.
    ///
    /// - Throws: `unexpectedResult` when the type cannot hold it.
    package func integer<Number: FixedWidthInteger>(
        _ row: Int,
        _ column: Int,
        as type: Number.Type
    ) throws(PostgresError) -> Number {
        let value = try integer(row, column)
        guard let number = Number(exactly: value) else { throw Self.absurd(value, column) }
        return number
    }

    /// A position, size, count, version, slot, generation or epoch: 0 to ``naturals``' end.
    ///
    /// - Throws: `unexpectedResult` for any other number, so that callers may add and subtract.
    package func natural<Number: FixedWidthInteger>(
        _ row: Int,
        _ column: Int,
        as type: Number.Type = Int.self
    ) throws(PostgresError) -> Number {
        try Self.present(optionalNatural(row, column, as: type), column)
    }

    /// As ``natural(_:_:as:)``, or `nil` for NULL.
    package func optionalNatural<Number: FixedWidthInteger>(
        _ row: Int,
        _ column: Int,
        as type: Number.Type = Int.self
    ) throws(PostgresError) -> Number? {
        guard let value = try optionalInteger(row, column) else { return nil }
        guard Self.naturals.contains(value), let number = Number(exactly: value) else {
            throw Self.absurd(value, column)
        }
        return number
    }

    /// A number as it is where it can be, else the nearest that can: for what is only shown.
    package func nearestNatural(_ row: Int, _ column: Int) throws(PostgresError) -> Int {
        let value = try integer(row, column)
        return Int(Swift.min(Swift.max(value, Self.naturals.lowerBound), Self.naturals.upperBound))
    }

    /// A time in µs since 1970, from then to the end of the year 9999.
    ///
    /// - Throws: `unexpectedResult` for any other number.
    package func time(_ row: Int, _ column: Int) throws(PostgresError) -> UInt64 {
        try Self.present(optionalTime(row, column), column)
    }

    /// As ``time(_:_:)``, or `nil` for NULL.
    package func optionalTime(_ row: Int, _ column: Int) throws(PostgresError) -> UInt64? {
        guard let value = try optionalInteger(row, column) else { return nil }
        guard Self.times.contains(value) else { throw Self.absurd(value, column) }
        return UInt64(value)
    }

    /// A text, name, character string or JSON; not jsonb, whose binary form is another.
    package func text(_ row: Int, _ column: Int) throws(PostgresError) -> String {
        try Self.present(value(row, column).text(), column)
    }

    /// A truth value.
    package func bool(_ row: Int, _ column: Int) throws(PostgresError) -> Bool {
        try Self.present(value(row, column).bool(), column)
    }

    /// A one-dimensional array of smallint, integer or bigint without NULL.
    package func integers(_ row: Int, _ column: Int) throws(PostgresError) -> [Int64] {
        try Self.present(value(row, column).integers(), column)
    }

    /// An array of what ``natural(_:_:as:)`` gives.
    package func naturals(_ row: Int, _ column: Int) throws(PostgresError) -> [Int] {
        try integers(row, column).map { value throws(PostgresError) in
            guard Self.naturals.contains(value) else { throw Self.absurd(value, column) }
            return Int(value)
        }
    }

    /// No table of PostgreSQL holds as many rows; sums and differences of such numbers fit an
    /// `Int`.
    private static let naturals: ClosedRange<Int64> = 0...1 << 40
    private static let times: ClosedRange<Int64> = 0...253_402_300_799_999_999

    /// Whether a value is there; libpq would warn of another one, through the connection.
    private func holds(_ row: Int, _ column: Int) -> Bool {
        (0..<count).contains(row) && (0..<Int(PQnfields(result))).contains(column)
    }

    private func value(_ row: Int, _ column: Int) throws(PostgresError) -> RowValue {
        guard holds(row, column) else {
            throw PostgresError(.unexpectedResult, message: "no row \(row) with column \(column)")
        }
        let type = PQftype(result, Int32(column))
        guard PQgetisnull(result, Int32(row), Int32(column)) == 0 else {
            return RowValue(type: type, column: column, bytes: nil)
        }
        let bytes = UnsafeRawBufferPointer(
            start: PQgetvalue(result, Int32(row), Int32(column)),
            count: Int(PQgetlength(result, Int32(row), Int32(column)))
        )
        return RowValue(type: type, column: column, bytes: bytes)
    }

    private static func present<Value>(
        _ value: Value?,
        _ column: Int
    ) throws(PostgresError) -> Value {
        guard let value else {
            throw PostgresError(.unexpectedResult, message: "NULL in column \(column)")
        }
        return value
    }

    private static func absurd(_ value: Int64, _ column: Int) -> PostgresError {
        PostgresError(.unexpectedResult, message: "\(value) in column \(column)")
    }
}
