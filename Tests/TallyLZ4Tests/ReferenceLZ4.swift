// A second decoder, written after the LZ4 block format and as plain as can be. The tests hold the
// walk and liblz4 together against it.

/// Decodes a block byte by byte.
struct ReferenceLZ4 {
    private var input: ArraySlice<UInt8>
    private var output: [UInt8] = []

    /// The data of a block, or `nil` unless it is a block of exactly `size` bytes of data.
    static func decode(_ block: [UInt8], size: Int) -> [UInt8]? {
        guard size > 0 else { return block == [0] ? [] : nil }
        var decoder = ReferenceLZ4(input: block[...])
        return decoder.sequences(upTo: size) && decoder.output.count == size
            ? decoder.output : nil
    }

    private init(input: ArraySlice<UInt8>) {
        self.input = input
    }

    private mutating func sequences(upTo size: Int) -> Bool {
        while let token = input.popFirst() {
            guard let count = length(Int(token >> 4)), count <= input.count else { return false }
            output += input.prefix(count)
            input = input.dropFirst(count)
            guard output.count <= size else { return false }
            if input.isEmpty { return true }
            guard match(Int(token & 15), upTo: size) else { return false }
        }
        return false
    }

    private mutating func match(_ nibble: Int, upTo size: Int) -> Bool {
        guard let low = input.popFirst(), let high = input.popFirst() else { return false }
        let distance = Int(low) + Int(high) * 256
        guard (1...max(1, output.count)).contains(distance), !output.isEmpty else { return false }
        guard output.count + 12 <= size, let more = length(nibble) else { return false }
        guard output.count + more + 4 + 5 <= size else { return false }
        for _ in 0..<more + 4 { output.append(output[output.count - distance]) }
        return true
    }

    private mutating func length(_ nibble: Int) -> Int? {
        guard nibble == 15 else { return nibble }
        var length = nibble
        while let step = input.popFirst() {
            length += Int(step)
            if step < 255 { return length }
        }
        return nil
    }
}
