// A statement's result in binary form. Reading a column of another type is a programming error
// in our own SQL, so it is refused once, in one place, as `unexpectedResult`; so is a number that
// no sound row holds, before anybody counts with it.

internal import CLibPQ

/// The rows of a result.
package final class Rows {
    private let result: OpaquePointer

    init(_ result: OpaquePointer) {
        self.result = result
    }

    deinit { PQclear(result) }

    /// The number of rows.
    package var count: Int { Int(PQntuples(result)) }

    /// Whether a value is NULL.
    package func isNull(_ row: Int, _ column: Int) -> Bool {
        PQgetisnull(result, Int32(row), Int32(column)) == 1
    }

    /// A value's bytes.
    package func bytes(_ row: Int, _ column: Int) throws(PostgresError) -> [UInt8] {
        guard let value = optionalBytes(row, column) else {
            throw PostgresError(.unexpectedResult, message: "NULL in column \(column)")
        }
        return value
    }

    /// A value's bytes, or `nil` for NULL.
    package func optionalBytes(_ row: Int, _ column: Int) -> [UInt8]? {
        guard row < count, !isNull(row, column) else { return nil }
        let length = Int(PQgetlength(result, Int32(row), Int32(column)))
        guard let start = PQgetvalue(result, Int32(row), Int32(column)) else { return nil }
        return [UInt8](UnsafeRawBufferPointer(start: start, count: length))
    }

    /// A number of 2, 4 or 8 bytes.
    package func integer(_ row: Int, _ column: Int) throws(PostgresError) -> Int64 {
        let bytes = try bytes(row, column)
        guard let value = Int64(bigEndianBytes: bytes) else {
            throw PostgresError(.unexpectedResult, message: "no number in column \(column)")
        }
        return value
    }

    /// A number, or `nil` for NULL.
    package func optionalInteger(
        _ row: Int,
        _ column: Int
    ) throws(PostgresError) -> Int64? {
        isNull(row, column) ? nil : try integer(row, column)
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
        let value = try integer(row, column)
        guard Self.naturals.contains(value), let number = Number(exactly: value) else {
            throw Self.absurd(value, column)
        }
        return number
    }

    /// As ``natural(_:_:as:)``, or `nil` for NULL.
    package func optionalNatural<Number: FixedWidthInteger>(
        _ row: Int,
        _ column: Int,
        as type: Number.Type = Int.self
    ) throws(PostgresError) -> Number? {
        isNull(row, column) ? nil : try natural(row, column, as: type)
    }

    /// A number as it is where it can be, else the nearest that can: for what is only shown.
    package func nearestNatural(_ row: Int, _ column: Int) throws(PostgresError) -> Int {
        let value = try integer(row, column)
        return Int(min(max(value, Self.naturals.lowerBound), Self.naturals.upperBound))
    }

    /// A time in µs since 1970, from then to the end of the year 9999.
    ///
    /// - Throws: `unexpectedResult` for any other number.
    package func time(_ row: Int, _ column: Int) throws(PostgresError) -> UInt64 {
        let value = try integer(row, column)
        guard Self.times.contains(value) else { throw Self.absurd(value, column) }
        return UInt64(value)
    }

    /// As ``time(_:_:)``, or `nil` for NULL.
    package func optionalTime(_ row: Int, _ column: Int) throws(PostgresError) -> UInt64? {
        isNull(row, column) ? nil : try time(row, column)
    }

    /// A text.
    package func text(_ row: Int, _ column: Int) throws(PostgresError) -> String {
        String(decoding: try bytes(row, column), as: UTF8.self)
    }

    /// A truth value.
    package func bool(_ row: Int, _ column: Int) throws(PostgresError) -> Bool {
        try bytes(row, column) == [1]
    }

    /// An array of numbers without NULL.
    package func integers(_ row: Int, _ column: Int) throws(PostgresError) -> [Int64] {
        let bytes = try bytes(row, column)
        guard bytes.count > 20 else { return [] }
        var values: [Int64] = []
        var at = 20
        while at + 4 <= bytes.count {
            let length = Int(Int64(bigEndianBytes: Array(bytes[at..<at + 4])) ?? 0)
            guard length > 0, at + 4 + length <= bytes.count,
                let value = Int64(bigEndianBytes: Array(bytes[at + 4..<at + 4 + length]))
            else { throw PostgresError(.unexpectedResult, message: "no numbers in an array") }
            values.append(value)
            at += 4 + length
        }
        return values
    }

    /// An array of what ``natural(_:_:as:)`` gives.
    package func naturals(_ row: Int, _ column: Int) throws(PostgresError) -> [Int] {
        try integers(row, column).map { value throws(PostgresError) in
            guard Self.naturals.contains(value) else { throw Self.absurd(value, column) }
            return Int(value)
        }
    }

    /// No table of PostgreSQL holds as many rows; sums and differences of such numbers fit an `Int`.
    private static let naturals: ClosedRange<Int64> = 0...1 << 40
    private static let times: ClosedRange<Int64> = 0...253_402_300_799_999_999

    private static func absurd(_ value: Int64, _ column: Int) -> PostgresError {
        PostgresError(.unexpectedResult, message: "\(value) in column \(column)")
    }
}

extension Int64 {
    /// Reads a signed number of 2, 4 or 8 bytes, most significant first.
    init?(bigEndianBytes bytes: [UInt8]) {
        let value = bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        switch bytes.count {
        case 2: self = Int64(Int16(truncatingIfNeeded: value))
        case 4: self = Int64(Int32(truncatingIfNeeded: value))
        case 8: self = Int64(bitPattern: value)
        default: return nil
        }
    }
}
