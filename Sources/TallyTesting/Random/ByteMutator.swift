// Random damage to bytes for the tests of decoders.
// The same seed does the same damage everywhere, so a failure can be repeated.

/// A source of random numbers and of mutations.
package struct ByteMutator: RandomNumberGenerator {
    private var state: UInt64

    /// Creates a source that is the same for the same seed.
    package init(seed: UInt64) {
        state = seed
    }

    /// The next number of SplitMix64.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// One to three changes to bytes that others gave, half of them among the first 64.
    package mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...3, using: &self) { change(&bytes) }
        return bytes
    }

    private mutating func change(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return bytes.append(UInt8(truncatingIfNeeded: next())) }
        let reach = Bool.random(using: &self) ? min(64, bytes.count) : bytes.count
        let place = Int.random(in: 0..<reach, using: &self)
        switch Int.random(in: 0..<10, using: &self) {
        case 0, 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &self)
        case 2: bytes[place] = UInt8.random(in: .min ... .max, using: &self)
        case 3: bytes[place] = [0, 1, 2, 0x7F, 0x80, 0xFF].randomElement(using: &self) ?? 0
        case 4: bytes[place] &+= 1
        case 5: bytes[place] &-= 1
        case 6: bytes.insert(UInt8.random(in: .min ... .max, using: &self), at: place)
        case 7: bytes.remove(at: place)
        case 8: bytes.removeLast(bytes.count - place)
        default: bytes.append(contentsOf: bytes[place..<min(place + 32, bytes.count)])
        }
    }
}
