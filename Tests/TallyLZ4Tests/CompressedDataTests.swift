// The vectors of plaintexts and requests for which it takes both the format and LZ4: TallyCore
// leaves compressed data alone until it is handed a decoder.

import TallyCore
import TallyCrypto
import TallyLZ4
import TallyTesting
import Testing

/// Compressed data of envelopes and personal sections.
@Suite struct CompressedDataTests {
    @Test("an envelope's data decodes", arguments: try VectorFile("envelope").vectors)
    func envelope(_ vector: VectorEntry) throws {
        let data = try Self.envelopeData(vector.bytes("padded"))
        #expect(data == (try vector.bytes("decoded")))
    }

    @Test("a section's data decodes", arguments: try VectorFile("personal").vectors)
    func personal(_ vector: VectorEntry) throws {
        let data = try Self.personalData(vector.bytes("padded"))
        #expect(data == (try vector.bytes("decoded")))
    }

    @Test("a malformed envelope is refused", arguments: try VectorFile("envelope").malformed)
    func refusesEnvelope(_ entry: VectorEntry) throws {
        let bytes = try entry.bytes("bytes")
        let error = #expect(throws: FormatError.self) { try Self.envelopeData(bytes) }
        #expect(error?.code.rawValue == (try entry.text("code")))
    }

    @Test("a malformed section is refused", arguments: try VectorFile("personal").malformed)
    func refusesPersonal(_ entry: VectorEntry) throws {
        let bytes = try entry.bytes("bytes")
        let error = #expect(throws: FormatError.self) { try Self.personalData(bytes) }
        #expect(error?.code.rawValue == (try entry.text("code")))
    }

    private static func envelopeData(_ plaintext: [UInt8]) throws(FormatError) -> [UInt8] {
        try Envelope(decoding: plaintext).data.decoded(with: decompress)
    }

    private static func personalData(_ plaintext: [UInt8]) throws(FormatError) -> [UInt8] {
        try Personal(decoding: plaintext).data.decoded(with: decompress)
    }

    private static func decompress(
        _ block: [UInt8],
        size: Int
    ) throws(FormatError) -> [UInt8] {
        do throws(LZ4Fault) {
            return try LZ4Block.decode(block, size: size)
        } catch {
            throw FormatError(error == .size ? .dataSize : .encoding, in: "LZ4 block")
        }
    }
}
