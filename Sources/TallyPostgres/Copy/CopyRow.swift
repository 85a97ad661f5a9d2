// COPY … TO STDOUT in binary: the fastest way to read many rows, in constant memory.

internal import CLibPQ

/// One row of a COPY stream.
package struct CopyRow: Sendable {
    /// The columns' bytes in order; `nil` is NULL.
    package let columns: [[UInt8]?]

    /// The number in a column; COPY tells no types, so its width is all that shows that it is one.
    ///
    /// - Throws: `unexpectedResult` for NULL, for other widths, and for a column that is not there.
    package func integer(_ column: Int) throws(PostgresError) -> Int64 {
        guard let value = Int64(bigEndianBytes: try bytes(column)) else {
            throw PostgresError(.unexpectedResult, message: "no number in column \(column)")
        }
        return value
    }

    /// The bytes of a column that is never NULL.
    ///
    /// - Throws: `unexpectedResult` for NULL, and for a column that is not there.
    package func bytes(_ column: Int) throws(PostgresError) -> [UInt8] {
        guard columns.indices.contains(column) else {
            throw PostgresError(.unexpectedResult, message: "no column \(column) in a COPY row")
        }
        guard let bytes = columns[column] else {
            throw PostgresError(.unexpectedResult, message: "NULL in column \(column)")
        }
        return bytes
    }
}

extension Connection {
    /// Streams the rows of `query`, which must hold typed, quoted literals only: COPY takes no
    /// parameters.
    ///
    /// `body` must not use this connection: a statement there throws the rest of the stream away.
    /// - Throws: what `body` throws, after the rest of the stream was cancelled; `unexpectedResult`
    ///   when `body` has ended the stream so. Rows that it got by then are not all.
    package func copyOut(_ query: String, _ body: (CopyRow) throws -> Void) throws {
        _ = try check(PQexec(handle, "COPY (\(query)) TO STDOUT (FORMAT binary)"))
        do {
            var isFirst = true
            while let chunk = try nextChunk() {
                if let row = try Self.row(chunk, skippingHeader: isFirst) { try body(row) }
                isFirst = false
            }
        } catch {
            cancelCopy()
            throw error
        }
    }

    private func nextChunk() throws(PostgresError) -> [UInt8]? {
        var buffer: UnsafeMutablePointer<CChar>?
        let length = PQgetCopyData(handle, &buffer, 0)
        guard length > 0, let buffer else {
            try drainResults()
            // With -2 there is no stream any more; one that the server ended has thrown by now.
            guard length == -1 else { throw Self.streamTaken }
            return nil
        }
        defer { PQfreemem(buffer) }
        return [UInt8](UnsafeRawBufferPointer(start: buffer, count: Int(length)))
    }

    private func drainResults() throws(PostgresError) {
        while let result = PQgetResult(handle) { _ = try check(result) }
    }

    private static let streamTaken = PostgresError(
        .unexpectedResult,
        message: "a COPY was cut off by another statement on its connection"
    )

    private func cancelCopy() {
        // Where nothing runs any more, a cancellation could only hit what comes next.
        guard PQtransactionStatus(handle) == PQTRANS_ACTIVE else { return }
        guard let cancel = PQgetCancel(handle) else { return }
        defer { PQfreeCancel(cancel) }
        var message = [CChar](repeating: 0, count: 256)
        _ = PQcancel(cancel, &message, Int32(message.count))
        var buffer: UnsafeMutablePointer<CChar>?
        while PQgetCopyData(handle, &buffer, 0) > 0 { PQfreemem(buffer) }
        while let result = PQgetResult(handle) { PQclear(result) }
    }

    /// A row is a 16-bit column count, then a 32-bit length and the bytes of each; the stream
    /// begins with a 19-byte header and ends with a count of -1.
    private static func row(
        _ chunk: [UInt8],
        skippingHeader: Bool
    ) throws(PostgresError) -> CopyRow? {
        var at = skippingHeader ? 19 : 0
        func number(_ width: Int) throws(PostgresError) -> Int {
            guard at + width <= chunk.count else {
                throw PostgresError(.unexpectedResult, message: "a torn COPY row")
            }
            var value: Int32 = 0
            for byte in chunk[at..<at + width] { value = value << 8 | Int32(byte) }
            at += width
            return width == 2 ? Int(Int16(truncatingIfNeeded: value)) : Int(value)
        }
        let count = try number(2)
        guard count >= 0 else { return nil }
        var columns: [[UInt8]?] = []
        columns.reserveCapacity(count)
        for _ in 0..<count {
            let length = try number(4)
            guard length >= 0 else {
                columns.append(nil)
                continue
            }
            guard at + length <= chunk.count else {
                throw PostgresError(.unexpectedResult, message: "a torn COPY row")
            }
            columns.append(Array(chunk[at..<at + length]))
            at += length
        }
        return CopyRow(columns: columns)
    }
}
