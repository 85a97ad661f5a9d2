// One column of a batch as a PostgreSQL array in binary form, filled a value at a time.

/// A one-dimensional array parameter under construction; its buffer is reused by ``removeAll()``.
package struct ArrayColumn: Sendable {
    let type: PostgresType
    private var elements: [UInt8] = []
    private var hasNull = false
    /// The number of elements.
    package private(set) var count = 0

    /// Begins an empty column.
    package init(_ type: PostgresType) {
        self.type = type
    }

    /// Appends bytes, text or a UUID as they are; `nil` is NULL.
    package mutating func append(_ bytes: [UInt8]?) {
        count += 1
        guard let bytes else {
            hasNull = true
            return appendRaw(Int32(-1))
        }
        appendRaw(Int32(bytes.count))
        elements.append(contentsOf: bytes)
    }

    /// Appends bytes that lie elsewhere.
    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        count += 1
        appendRaw(Int32(bytes.count))
        elements.append(contentsOf: bytes)
    }

    /// Appends an integer of the column's width.
    package mutating func append<Value: FixedWidthInteger & SignedInteger>(_ value: Value) {
        count += 1
        appendRaw(Int32(Value.bitWidth / 8))
        appendRaw(value)
    }

    /// Forgets the elements and keeps the buffer.
    package mutating func removeAll() {
        elements.removeAll(keepingCapacity: true)
        hasNull = false
        count = 0
    }

    /// The size of the elements in bytes.
    package var byteCount: Int { elements.count }

    private mutating func appendRaw(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { elements.append(contentsOf: $0) }
    }

    /// Header (dimensions, null flag, element type, length, lower bound), then the elements.
    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(20 + elements.count)
        let dimensions: Int32 = count == 0 ? 0 : 1
        var header: [Int32] = [dimensions, hasNull ? 1 : 0, Int32(type.rawValue)]
        if count > 0 { header += [Int32(count), 1] }
        for word in header {
            withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0) }
        }
        bytes.append(contentsOf: elements)
        return bytes
    }
}
