// How an event's parts lie in one column: each behind its length, length 0 for a purged one.

/// The framing of an event's parts in the `body` column.
package enum EventBody {
    /// Frames parts in order.
    package static func encode(_ parts: [[UInt8]]) -> [UInt8] {
        var writer = ByteWriter(capacity: parts.reduce(0) { $0 + 4 + $1.count })
        for part in parts {
            writer.write(UInt32(part.count))
            writer.write(part)
        }
        return writer.bytes
    }

    /// Reads the parts of an event, which is one of them in the kinds that are clear.
    ///
    /// A purged part is an empty slice; the part of a clear kind is never purged.
    package static func decode(
        _ body: [UInt8],
        leaf: Leaf
    ) throws(FormatError) -> [ArraySlice<UInt8>] {
        let parts = try decode(body, count: leaf.partDigests.count)
        guard !leaf.kind.isSealed else { return parts }
        guard parts.count == 1 else { throw FormatError(.count, in: "event body") }
        guard parts.allSatisfy({ !$0.isEmpty }) else {
            throw FormatError(.length, in: "event body")
        }
        return parts
    }

    /// Reads the parts without copying them; a purged part is an empty slice.
    ///
    /// - Parameters:
    ///   - body: the bytes of the column.
    ///   - count: how many parts the leaf promises.
    /// - Returns: the parts in order.
    /// - Throws: a refusal when the lengths do not add up.
    package static func decode(
        _ body: [UInt8],
        count: Int
    ) throws(FormatError) -> [ArraySlice<UInt8>] {
        var reader = ByteReader(body, structure: "event body")
        var parts: [ArraySlice<UInt8>] = []
        parts.reserveCapacity(count)
        for _ in 0..<count { parts.append(try reader.take(Int(try reader.integer(UInt32.self)))) }
        try reader.end()
        return parts
    }
}
