// The LZ4 block format through the system's liblz4: event data of 512 bytes and more.

internal import CLZ4

/// Compresses and decompresses single LZ4 blocks, whose size both sides know.
package enum LZ4Block {
    /// Compresses `bytes`, or gives `nil` when that does not shrink them to `limit` bytes.
    ///
    /// - Complexity: O(n).
    package static func compress(_ bytes: [UInt8], atMost limit: Int) -> [UInt8]? {
        let compressed = [UInt8](unsafeUninitializedCapacity: limit) { out, size in
            size = bytes.withUnsafeBytes { source in
                Int(
                    LZ4_compress_default(
                        source.baseAddress,
                        out.baseAddress,
                        Int32(bytes.count),
                        Int32(limit)
                    )
                )
            }
        }
        return compressed.isEmpty ? nil : compressed
    }

    /// Decompresses a block of outside origin.
    ///
    /// - Parameters:
    ///   - block: the bytes of the block.
    ///   - size: the exact size of the result; the caller has bounded it.
    /// - Returns: `nil` for a malformed block or one of another size.
    package static func decompress(_ block: [UInt8], size: Int) -> [UInt8]? {
        try? decode(block, size: size)
    }

    /// Decompresses a block of outside origin, or says what is wrong with it.
    ///
    /// `size` is the exact size of the result; the caller has bounded it. Nothing is reserved
    /// before the block is known to be sound, and liblz4 never writes past the end.
    package static func decode(_ block: [UInt8], size: Int) throws(LZ4Fault) -> [UInt8] {
        try LZ4Walk.check(block, size: size)
        var written: Int32 = -1
        let bytes = [UInt8](unsafeUninitializedCapacity: size + 1) { out, count in
            written = block.withUnsafeBytes { source in
                LZ4_decompress_safe(
                    source.baseAddress,
                    out.baseAddress,
                    Int32(block.count),
                    Int32(size)
                )
            }
            count = max(0, min(Int(written), size))
        }
        guard Int(written) == size else { throw .encoding }
        return bytes
    }
}
