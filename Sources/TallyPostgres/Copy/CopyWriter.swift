// COPY … FROM STDIN in binary: the fastest way to load many rows into a table without row security.

internal import CLibPQ

/// Rows on their way into a table, in PostgreSQL's binary COPY form.
package struct CopyWriter {
    fileprivate var bytes: [UInt8] =
        Array("PGCOPY\n".utf8) + [0xff, 0x0d, 0x0a, 0] + [0, 0, 0, 0, 0, 0, 0, 0]

    /// Begins a row of so many fields.
    package mutating func row(fields count: Int) { raw(Int16(count)) }

    /// Writes a field of bytes, text or a UUID.
    package mutating func field(_ value: UnsafeRawBufferPointer) {
        raw(Int32(value.count))
        bytes.append(contentsOf: value)
    }

    /// Writes a field of bytes; `nil` is NULL.
    package mutating func field(_ value: [UInt8]?) {
        guard let value else { return null() }
        value.withUnsafeBytes { field($0) }
    }

    /// Writes a field that is NULL.
    package mutating func null() { raw(Int32(-1)) }

    /// Writes a field of an integer of the column's width.
    package mutating func field<Value: FixedWidthInteger & SignedInteger>(_ value: Value) {
        raw(Int32(Value.bitWidth / 8))
        raw(value)
    }

    private mutating func raw(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }
}

extension Connection {
    /// Bytes that are handed to libpq at a time.
    private static let pieceBytes = 1 << 20

    /// Loads rows; all of them or, when the server refuses one, none.
    ///
    /// - Parameters:
    ///   - table: the table with its columns in parentheses, a literal of ours.
    ///   - body: writes the rows; what it writes is held in memory until it returns.
    /// - Throws: `refused` when the server refuses a row; none is loaded then.
    package func copyIn(
        _ table: String,
        _ body: (inout CopyWriter) -> Void
    ) throws(PostgresError) {
        var writer = CopyWriter()
        body(&writer)
        writer.bytes += [0xff, 0xff]
        _ = try check(PQexec(handle, "COPY \(table) FROM STDIN (FORMAT binary)"))
        var sent: Int32 = 1
        writer.bytes.withUnsafeBytes { buffer in
            for start in stride(from: 0, to: buffer.count, by: Self.pieceBytes) where sent == 1 {
                let piece = buffer[start..<min(start + Self.pieceBytes, buffer.count)]
                let pointer = UnsafeRawBufferPointer(rebasing: piece).baseAddress
                sent = PQputCopyData(
                    handle,
                    pointer?.assumingMemoryBound(to: CChar.self),
                    Int32(piece.count)
                )
            }
        }
        let ended = PQputCopyEnd(handle, sent == 1 ? nil : "the data could not be sent")
        var failure: PostgresError?
        while let result = PQgetResult(handle) {
            do throws(PostgresError) { _ = try check(result) } catch { failure = error }
        }
        if let failure { throw failure }
        guard sent == 1, ended == 1 else {
            throw PostgresError(
                .connectionLost,
                message: "the connection to PostgreSQL was lost"
            )
        }
    }
}
