// One value of a result, read by its type and to its last byte. Bytes of another type often have
// the right length by chance, so a value of a type that is not the decoder's is not looked into.

/// A value where libpq keeps it, for no longer than the result lives.
struct RowValue {
    /// The object id of the column's type; a domain has the one of its base.
    let type: UInt32
    let column: Int
    /// `nil` for NULL.
    let bytes: UnsafeRawBufferPointer?

    /// A number of 2, 4 or 8 bytes.
    func integer() throws(PostgresError) -> Int64? {
        guard let width = PostgresType(rawValue: type)?.integerWidth else { throw other("number") }
        guard let bytes else { return nil }
        guard bytes.count == width, let value = Int64(bigEndianBytes: bytes) else {
            throw other("number")
        }
        return value
    }

    /// A text; one that is not UTF-8 is none, since it could only be shown with holes.
    func text() throws(PostgresError) -> String? {
        guard PostgresType.isText(type) else { throw other("text") }
        guard let bytes else { return nil }
        guard let value = String(validating: bytes, as: UTF8.self) else { throw other("text") }
        return value
    }

    /// A truth value.
    func bool() throws(PostgresError) -> Bool? {
        guard type == PostgresType.bool.rawValue else { throw other("truth value") }
        guard let bytes else { return nil }
        guard bytes.count == 1, bytes[0] <= 1 else { throw other("truth value") }
        return bytes[0] == 1
    }

    /// A one-dimensional array of numbers, none of which is NULL.
    func integers() throws(PostgresError) -> [Int64]? {
        guard let element = PostgresType(arrayOfNumbers: type), let width = element.integerWidth
        else {
            throw other("array of numbers")
        }
        guard let bytes else { return nil }
        guard let values = Self.elements(bytes, of: element, width) else {
            throw other("array of numbers")
        }
        return values
    }

    /// Reads the form that ``ArrayColumn/encoded()`` writes.
    private static func elements(
        _ bytes: UnsafeRawBufferPointer,
        of element: PostgresType,
        _ width: Int
    ) -> [Int64]? {
        func word(_ at: Int) -> Int? {
            Int64(bigEndianBytes: bytes[at..<at + 4]).map { Int($0) }
        }
        guard bytes.count >= 12, word(8) == Int(element.rawValue) else { return nil }
        if word(0) == 0 { return bytes.count == 12 ? [] : nil }
        guard word(0) == 1, bytes.count >= 20, let count = word(12), count >= 0,
            bytes.count == 20 + count * (4 + width)
        else { return nil }
        var values: [Int64] = []
        values.reserveCapacity(count)
        for at in stride(from: 20, to: bytes.count, by: 4 + width) {
            let value = Int64(bigEndianBytes: bytes[at + 4..<at + 4 + width])
            guard word(at) == width, let value else { return nil }
            values.append(value)
        }
        return values
    }

    private func other(_ promised: String) -> PostgresError {
        PostgresError(.unexpectedResult, message: "no \(promised) in column \(column)")
    }
}

extension Int64 {
    /// Reads a signed number of 2, 4 or 8 bytes, most significant first.
    init?(bigEndianBytes bytes: some Collection<UInt8>) {
        let value = bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        switch bytes.count {
        case 2: self = Int64(Int16(truncatingIfNeeded: value))
        case 4: self = Int64(Int32(truncatingIfNeeded: value))
        case 8: self = Int64(bitPattern: value)
        default: return nil
        }
    }
}
