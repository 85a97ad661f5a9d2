// Blocks against lz4.json, which covers every length of lengths and every rule about a block's end.
// Codes of the malformed ones are the raw values of LZ4Fault.

import TallyLZ4
import TallyTesting
import Testing

/// The decoder on the vectors.
@Suite struct LZ4VectorTests {
    @Test("a block decodes to the vector's data", arguments: try VectorFile("lz4").vectors)
    func decodes(_ vector: VectorEntry) throws {
        let block = try vector.bytes("bytes")
        let size = try vector.fields.integer("data_size", as: Int.self)
        let data = try vector.fields.bytes("decoded")
        #expect(try LZ4Block.decode(block, size: size) == data)
        #expect(LZ4Block.decompress(block, size: size) == data)
        #expect(ReferenceLZ4.decode(block, size: size) == data)
    }

    @Test("a malformed block is refused", arguments: try VectorFile("lz4").malformed)
    func refuses(_ entry: VectorEntry) throws {
        let fault = try #require(LZ4Fault(rawValue: entry.text("code")))
        let block = try entry.bytes("bytes")
        let size = try entry.integer("data_size", as: Int.self)
        #expect(throws: fault) { try LZ4Block.decode(block, size: size) }
        #expect(LZ4Block.decompress(block, size: size) == nil)
        #expect(ReferenceLZ4.decode(block, size: size) == nil)
    }

    @Test("no other size will do", arguments: try VectorFile("lz4").vectors)
    func sizes(_ vector: VectorEntry) throws {
        let block = try vector.bytes("bytes")
        let size = try vector.fields.integer("data_size", as: Int.self)
        for other in 0..<size { #expect(LZ4Block.decompress(block, size: other) == nil) }
        guard size > 0 else { return }
        for other in [size + 1, size + 12, 16_777_216] {
            #expect(throws: LZ4Fault.size) { try LZ4Block.decode(block, size: other) }
        }
    }
}
