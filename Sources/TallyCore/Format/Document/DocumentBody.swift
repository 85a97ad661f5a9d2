// How a stored document's parts lie in one column: their number, then each behind its length.

/// The framing of a document's parts in the `body` column.
package enum DocumentBody {
    /// Frames sealed parts in order.
    package static func encode(_ parts: [[UInt8]]) -> [UInt8] {
        precondition(FormatLimits.documentPartCount.contains(parts.count))
        var writer = ByteWriter(capacity: parts.reduce(4) { $0 + 4 + $1.count })
        writer.write(UInt32(parts.count))
        for part in parts {
            writer.write(UInt32(part.count))
            writer.write(part)
        }
        return writer.bytes
    }

    /// Reads the parts.
    ///
    /// - Throws: a refusal when the lengths do not add up, or a part is not sealed.
    package static func decode(_ body: [UInt8]) throws(FormatError) -> [SealedPart] {
        var reader = ByteReader(body, structure: "document body")
        let count = Int(try reader.integer(UInt32.self))
        guard FormatLimits.documentPartCount.contains(count) else {
            throw reader.refusal(.count)
        }
        var parts: [SealedPart] = []
        for _ in 0..<count {
            let bytes = [UInt8](try reader.take(Int(try reader.integer(UInt32.self))))
            guard case .sealed(let part) = try Part(decoding: bytes) else {
                throw reader.refusal(.suite)
            }
            parts.append(part)
        }
        try reader.end()
        return parts
    }
}
