// Reads the TLS presentation language from outside bytes: bounded, typed refusals, no crash.

package import TallyCrypto

/// A cursor over format bytes.
package struct ByteReader {
    private let bytes: ArraySlice<UInt8>
    private let structure: String
    /// The next byte to be read.
    package private(set) var offset = 0

    /// Begins at the first byte of a structure.
    package init(_ bytes: [UInt8], structure: String) {
        self.init(bytes[...], structure: structure)
    }

    /// Begins at the first byte of a structure that lies within something larger.
    package init(_ bytes: ArraySlice<UInt8>, structure: String) {
        self.bytes = bytes
        self.structure = structure
    }

    private var start: Int { bytes.startIndex + offset }

    /// The bytes that were not read yet.
    package var remaining: Int { bytes.count - offset }

    /// An error about this structure at the cursor.
    package func refusal(_ code: FormatError.Code) -> FormatError {
        FormatError(code, in: structure, at: offset)
    }

    /// Reads `count` bytes without copying them.
    package mutating func take(_ count: Int) throws(FormatError) -> ArraySlice<UInt8> {
        guard count <= remaining else { throw refusal(.truncated) }
        defer { offset += count }
        return bytes[start..<start + count]
    }

    /// Reads everything that is left.
    package mutating func takeRest() -> ArraySlice<UInt8> {
        defer { offset = bytes.count }
        return bytes[start...]
    }

    /// Reads an integer, most significant byte first.
    package mutating func integer<Value: FixedWidthInteger & UnsignedInteger>(
        _ type: Value.Type = Value.self
    ) throws(FormatError) -> Value {
        let count = Value.bitWidth / 8
        guard count <= remaining else { throw refusal(.truncated) }
        var value: Value = 0
        for index in start..<start + count { value = value << 8 | Value(bytes[index]) }
        offset += count
        return value
    }

    /// Reads one byte; a one-byte shift would overflow in ``integer(_:)``.
    package mutating func byte() throws(FormatError) -> UInt8 {
        guard remaining > 0 else { throw refusal(.truncated) }
        defer { offset += 1 }
        return bytes[start]
    }

    /// Reads a digest or key id.
    package mutating func digest() throws(FormatError) -> Digest {
        guard let digest = Digest(try take(Digest.byteCount)) else { throw refusal(.truncated) }
        return digest
    }

    /// Reads a 16-byte id.
    package mutating func identifier<Tag>() throws(FormatError) -> Identifier<Tag> {
        guard let id = Identifier<Tag>(try take(16)) else { throw refusal(.truncated) }
        return id
    }

    /// Reads a length prefix of the width that `bound` calls for, then that many bytes.
    package mutating func opaque(
        within bound: ClosedRange<Int>
    ) throws(FormatError) -> ArraySlice<UInt8> {
        try take(try count(within: bound))
    }

    private mutating func count(within bound: ClosedRange<Int>) throws(FormatError) -> Int {
        let count =
            switch bound.upperBound {
            case ...255: Int(try byte())
            case ...65535: Int(try integer(UInt16.self))
            default: Int(try integer(UInt32.self))
            }
        guard bound.contains(count) else { throw refusal(.length) }
        return count
    }

    /// Requires bytes that were read, or decoded from such, to be UTF-8.
    package func requireText(_ bytes: [UInt8]) throws(FormatError) {
        do {
            _ = try UTF8Span(validating: bytes.span)
        } catch {
            throw refusal(.text)
        }
    }

    /// Reads a length-prefixed text, which must be UTF-8.
    package mutating func text(within bound: ClosedRange<Int>) throws(FormatError) -> String {
        let count = try count(within: bound)
        guard count > 0 else { return "" }
        guard count <= remaining else { throw refusal(.truncated) }
        defer { offset += count }
        do {
            let span = bytes.span.extracting(offset..<offset + count)
            return String(copying: try UTF8Span(validating: span))
        } catch {
            throw FormatError(.text, in: structure, at: offset + count)
        }
    }

    /// Requires the next bytes to be `magic`; other ones are an unknown version of something.
    package mutating func expect(_ magic: StaticString) throws(FormatError) {
        let found = try take(magic.utf8CodeUnitCount)
        let same = magic.withUTF8Buffer { found.elementsEqual($0) }
        guard same else { throw refusal(.version) }
    }

    /// Requires the version byte or word to be 1.
    package func require(version: some BinaryInteger) throws(FormatError) {
        guard version == 1 else { throw refusal(.version) }
    }

    /// Requires that nothing is left.
    package func end() throws(FormatError) {
        guard remaining == 0 else { throw refusal(.trailing) }
    }

    /// Requires that nothing but 0 to 31 zero bytes up to a multiple of 32 is left.
    package mutating func endPadded() throws(FormatError) {
        guard remaining < FormatLimits.padding, bytes.count.isMultiple(of: FormatLimits.padding)
        else { throw refusal(.padding) }
        guard takeRest().allSatisfy({ $0 == 0 }) else { throw refusal(.padding) }
    }
}
