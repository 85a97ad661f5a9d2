// Compressing and decompressing, and decompressing what nobody compressed. Seeds are fixed, so a
// failure repeats.

import TallyLZ4
import TallyTesting
import Testing

/// Blocks there and back, and damaged on the way.
@Suite struct LZ4BlockTests {
    @Test("data of any size comes back", arguments: 1...8)
    func roundTrip(alphabet: UInt8) throws {
        for size in Array(0...300) + [511, 512, 4095, 65_535, 65_536, 70_000] {
            let data = Self.data(size: size, alphabet: alphabet)
            let block = try #require(LZ4Block.compress(data, atMost: size + size / 255 + 16))
            #expect(try LZ4Block.decode(block, size: size) == data)
        }
    }

    @Test("the largest data comes back")
    func largest() throws {
        let piece = Self.data(size: 32_768, alphabet: 2)
        let data = (0..<512).reduce(into: [UInt8]()) { data, _ in data += piece }
        let block = try #require(LZ4Block.compress(data, atMost: data.count))
        #expect(block.count < data.count * 3 / 4)
        // One comparison; an expectation would print both sides.
        let same = try LZ4Block.decode(block, size: data.count) == data
        #expect(same)
    }

    @Test("data that does not shrink enough is not compressed")
    func limits() throws {
        var random = ByteMutator(seed: 1)
        let noise = (0..<4096).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        #expect(LZ4Block.compress(noise, atMost: noise.count) == nil)
        let data = Self.data(size: 4096, alphabet: 1)
        let block = try #require(LZ4Block.compress(data, atMost: data.count))
        #expect(LZ4Block.compress(data, atMost: block.count) == block)
        #expect(LZ4Block.compress(data, atMost: block.count - 1) == nil)
        #expect(LZ4Block.compress(data, atMost: 0) == nil)
    }

    @Test("no beginning of a block is a block, nor is a block with a byte more")
    func beginnings() throws {
        let data = Self.data(size: 700, alphabet: 4)
        let block = try #require(LZ4Block.compress(data, atMost: 1000))
        for count in 0..<block.count {
            let beginning = Array(block.prefix(count))
            #expect(LZ4Block.decompress(beginning, size: data.count) == nil)
        }
        for byte in 0...255 as ClosedRange<UInt8> {
            #expect(throws: LZ4Fault.encoding) {
                try LZ4Block.decode(block + [byte], size: data.count)
            }
        }
    }

    @Test("no offset of zero is taken, anywhere", arguments: 1...40)
    func offsetZero(matches: Int) {
        // Literals, then matches of 4 bytes behind each other, the last of them with offset 0.
        var block: [UInt8] = [0x10, 0x61, 0x01, 0x00]
        for _ in 1..<matches { block += [0x00, 0x01, 0x00] }
        let end = [0xC0] + Array("a dozen more".utf8)
        let size = 1 + 4 * matches + 12
        #expect(LZ4Block.decompress(block + end, size: size)?.count == size)
        block[block.count - 2] = 0
        #expect(throws: LZ4Fault.encoding) { try LZ4Block.decode(block + end, size: size) }
    }

    @Test("20,000 mutations decode as a second decoder says", arguments: 0..<20)
    func mutations(thousand: UInt64) throws {
        let vectors = try VectorFile("lz4").vectors.map {
            (
                entry: $0, block: try $0.bytes("bytes"),
                size: try $0.fields.integer("data_size", as: Int.self)
            )
        }
        var accepted = 0
        for seed in thousand * 1000..<(thousand + 1) * 1000 {
            var random = ByteMutator(seed: seed)
            let vector = try #require(vectors.randomElement(using: &random))
            let block = random.mutated(vector.block)
            let other = Int.random(in: 0..<vector.size + 300, using: &random)
            let size = Int.random(in: 0..<4, using: &random) > 0 ? vector.size : other
            let data = LZ4Block.decompress(block, size: size)
            let expected = ReferenceLZ4.decode(block, size: size)
            guard data == expected else {
                Issue.record("\(vector.entry), seed \(seed): decoded as something else")
                continue
            }
            if data != nil { accepted += 1 }
        }
        #expect((10..<900).contains(accepted))
    }

    /// Data of few different bytes, the same at every call.
    private static func data(size: Int, alphabet: UInt8) -> [UInt8] {
        var random = ByteMutator(seed: UInt64(size) * 31 + UInt64(alphabet))
        return (0..<size).map { _ in UInt8(truncatingIfNeeded: random.next()) % alphabet }
    }
}
