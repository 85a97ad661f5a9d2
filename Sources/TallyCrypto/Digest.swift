// A SHA-256 value as four machine words: cheap to compare, to hash and to pass around.

/// A 32-byte SHA-256 digest, also used for key ids, which have the same size.
package struct Digest: Hashable, Sendable {
    /// The number of bytes in a digest.
    package static let byteCount = 32

    /// The digest of 32 zero bytes, which stands for "none".
    package static let zero = Digest(0, 0, 0, 0)

    private let first: UInt64
    private let second: UInt64
    private let third: UInt64
    private let fourth: UInt64

    @usableFromInline
    init(_ first: UInt64, _ second: UInt64, _ third: UInt64, _ fourth: UInt64) {
        self.first = first
        self.second = second
        self.third = third
        self.fourth = fourth
    }

    /// Reads a digest from exactly 32 bytes, or gives `nil` for any other count.
    @inlinable
    package init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        withUnsafeMutableBytes(of: &words) { $0.fill(from: bytes) }
        self.init(words.0, words.1, words.2, words.3)
    }

    /// Lets `fill` write the 32 bytes of a new digest.
    init(filledBy fill: (UnsafeMutablePointer<UInt8>) -> Void) {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        withUnsafeMutableBytes(of: &words) { raw in
            raw.withMemoryRebound(to: UInt8.self) { buffer in
                if let base = buffer.baseAddress { fill(base) }
            }
        }
        self.init(words.0, words.1, words.2, words.3)
    }

    /// The 32 bytes.
    package var bytes: [UInt8] {
        withUnsafeBytes { [UInt8]($0) }
    }

    /// Gives `body` the 32 bytes without copying them to the heap.
    package func withUnsafeBytes<Result>(
        _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        Swift.withUnsafeBytes(of: (first, second, third, fourth), body)
    }

    /// The digest as 64 lower-case hexadecimal digits.
    package var hex: String { Hex.encode(bytes) }
}

extension UnsafeMutableRawBufferPointer {
    /// Copies bytes in one piece where they lie in one; the library's own copy goes by each.
    @inlinable
    package func fill(from bytes: some Collection<UInt8>) {
        let copied: Void? = bytes.withContiguousStorageIfAvailable {
            copyMemory(from: UnsafeRawBufferPointer($0))
        }
        guard copied == nil else { return }
        for (index, byte) in zip(indices, bytes) { self[index] = byte }
    }
}
