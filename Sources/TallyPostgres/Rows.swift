// A statement's result in binary form. Reading a column of another type is a programming error
// in our own SQL, so it is refused once, in one place, as `unexpectedResult`.

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
