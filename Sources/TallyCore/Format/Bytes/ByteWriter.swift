// Writes the TLS presentation language (RFC 8446, section 3), big-endian, into one array.

package import TallyCrypto

/// An append-only buffer of format bytes.
package struct ByteWriter {
    /// What was written so far.
    package private(set) var bytes: [UInt8] = []

    /// Begins an empty buffer with room for `capacity` bytes.
    package init(capacity: Int = 0) {
        bytes.reserveCapacity(capacity)
    }

    /// Begins with an ASCII label, which domain-separates what follows.
    package init(label: StaticString, capacity: Int = 128) {
        self.init(capacity: capacity)
        label.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    /// Writes an integer, most significant byte first.
    package mutating func write(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// Writes bytes without a length.
    package mutating func write(_ more: some Sequence<UInt8>) {
        bytes.append(contentsOf: more)
    }

    /// Writes a digest or key id.
    package mutating func write(_ digest: Digest) {
        digest.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }

    /// Writes a 16-byte id.
    package mutating func write<Tag>(_ id: Identifier<Tag>) {
        id.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }

    /// Writes a length prefix of the width that `bound` calls for, then the bytes.
    ///
    /// The caller has checked the length; this is the second check of the pair.
    package mutating func write(
        _ opaque: some Collection<UInt8>,
        within bound: ClosedRange<Int>
    ) {
        precondition(bound.contains(opaque.count), "a length outside the format's bound")
        switch bound.upperBound {
        case ...255: write(UInt8(opaque.count))
        case ...65535: write(UInt16(opaque.count))
        default: write(UInt32(opaque.count))
        }
        bytes.append(contentsOf: opaque)
    }

    /// Writes a text as ``write(_:within:)`` writes bytes, without visiting each byte.
    package mutating func write(_ text: String, within bound: ClosedRange<Int>) {
        var text = text
        text.withUTF8 { write($0, within: bound) }
    }

    /// Bytes that were encoded without padding, padded.
    package static func padded(_ bytes: [UInt8]) -> [UInt8] {
        var writer = ByteWriter(capacity: bytes.count + FormatLimits.padding)
        writer.write(bytes)
        writer.pad()
        return writer.bytes
    }

    /// Pads with zero bytes to a multiple of 32.
    package mutating func pad() {
        let excess = bytes.count % FormatLimits.padding
        guard excess > 0 else { return }
        bytes.append(contentsOf: repeatElement(0, count: FormatLimits.padding - excess))
    }
}
