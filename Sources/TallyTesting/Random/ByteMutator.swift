// Random damage to bytes for the tests of decoders.
// The same seed does the same damage everywhere, so a failure can be repeated.

/// A source of random numbers and of mutations.
package struct ByteMutator: RandomNumberGenerator {
    private var random: SeededRandom

    /// Creates a source that is the same for the same seed.
    package init(seed: UInt64) {
        random = SeededRandom(seed: seed)
    }

    /// The next number.
    package mutating func next() -> UInt64 { random.next() }

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
