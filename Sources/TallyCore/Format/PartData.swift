// The data field that envelopes and personal parts share: JSON text, perhaps compressed.

/// Data as it lies in a part's plaintext.
package struct PartData: Sendable, Equatable {
    /// How the bytes are encoded.
    package enum Encoding: UInt8, Sendable {
        /// As submitted.
        case identity = 0
        /// One LZ4 block.
        case lz4 = 1
    }

    /// How ``bytes`` are encoded.
    package var encoding: Encoding
    /// The number of bytes after decoding.
    package var size: Int
    /// The encoded bytes.
    package var bytes: [UInt8]

    /// Data as submitted.
    package init(identity bytes: [UInt8]) {
        self.init(encoding: .identity, size: bytes.count, bytes: bytes)
    }

    /// Data in some encoding.
    package init(encoding: Encoding, size: Int, bytes: [UInt8]) {
        self.encoding = encoding
        self.size = size
        self.bytes = bytes
    }

    func write(to writer: inout ByteWriter) {
        writer.write(UInt32(size))
        writer.write(bytes, within: FormatLimits.data)
    }

    init(encoding: Encoding, readingFrom reader: inout ByteReader) throws(FormatError) {
        self.encoding = encoding
        size = Int(try reader.integer(UInt32.self))
        guard FormatLimits.data.contains(size) else { throw reader.refusal(.dataSize) }
        bytes = [UInt8](try reader.opaque(within: FormatLimits.data))
        guard encoding != .identity || size == bytes.count else {
            throw reader.refusal(.dataSize)
        }
    }
}

extension PartData {
    /// The data as it was submitted.
    ///
    /// `decompress` gives exactly as many bytes as it is told for an LZ4 block, or refuses it.
    package func decoded(
        with decompress: (_ block: [UInt8], _ size: Int) throws(FormatError) -> [UInt8]
    ) throws(FormatError) -> [UInt8] {
        guard encoding == .lz4 else { return bytes }
        let text = try decompress(bytes, size)
        try ByteReader(text, structure: "LZ4 block").requireText(text)
        return text
    }

    /// Requires that data which is readable as it lies is UTF-8; ``decoded(with:)`` looks at
    /// the rest.
    func requireText(_ reader: ByteReader) throws(FormatError) {
        if encoding == .identity { try reader.requireText(bytes) }
    }
}

extension ByteReader {
    mutating func encoding() throws(FormatError) -> PartData.Encoding {
        guard let encoding = PartData.Encoding(rawValue: try byte()) else {
            throw refusal(.encoding)
        }
        return encoding
    }
}
