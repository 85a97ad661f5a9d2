// A walk over the sequences of a block before liblz4 decodes it: liblz4 1.9.4 takes offset 0, and
// it does not tell a damaged block from a sound one of another size.

/// Why a block is refused; the raw values are the codes of `docs/format.md`.
package enum LZ4Fault: String, Error, Sendable, CaseIterable {
    /// It is no LZ4 block, or it runs past the size that was stated.
    case encoding
    /// It is a block of less data than was stated.
    case size = "data_size"
}

/// The state of a walk, which writes no output.
struct LZ4Walk {
    /// The least bytes between the start of the last match and the end of the data.
    private static let matchStartLimit = 12
    /// The least literals at the end of the data.
    private static let lastLiterals = 5
    /// The shortest match.
    private static let leastMatch = 4

    private let block: [UInt8]
    private let size: Int
    /// The next byte of the block.
    private var offset = 0
    /// How much data the sequences so far make.
    private var output = 0

    /// Checks a block that must decode to exactly `size` bytes.
    ///
    /// - Complexity: O(sequences).
    static func check(_ block: [UInt8], size: Int) throws(LZ4Fault) {
        guard size > 0 else {
            guard block == [0] else { throw .encoding }
            return
        }
        var walk = LZ4Walk(block: block, size: size)
        try walk.sequences()
    }

    private init(block: [UInt8], size: Int) {
        self.block = block
        self.size = size
    }

    /// Walks to the end of the block, which is that of a sequence without a match.
    private mutating func sequences() throws(LZ4Fault) {
        while true {
            let token = try byte()
            try literals(token >> 4)
            guard offset < block.count else { break }
            try match(token & 15)
        }
        guard output == size else { throw .size }
    }

    private mutating func literals(_ nibble: Int) throws(LZ4Fault) {
        let count = try length(nibble)
        guard count <= size - output, count <= block.count - offset else { throw .encoding }
        offset += count
        output += count
    }

    private mutating func match(_ nibble: Int) throws(LZ4Fault) {
        let distance = try byte() | byte() << 8
        guard distance > 0, distance <= output else { throw .encoding }
        guard output <= size - Self.matchStartLimit else { throw .encoding }
        let count = try Self.leastMatch + length(nibble)
        guard count <= size - Self.lastLiterals - output else { throw .encoding }
        output += count
    }

    /// A length that begins in a token's half and goes on in bytes while they are 255.
    private mutating func length(_ nibble: Int) throws(LZ4Fault) -> Int {
        guard nibble == 15 else { return nibble }
        var length = nibble
        while true {
            let step = try byte()
            length += step
            guard step == 255 else { return length }
        }
    }

    private mutating func byte() throws(LZ4Fault) -> Int {
        guard offset < block.count else { throw .encoding }
        defer { offset += 1 }
        return Int(block[offset])
    }
}
