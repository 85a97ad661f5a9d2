// Finds event ids that occur twice, in memory that does not grow with the log.

internal import TallyCrypto

/// A Bloom filter over event ids: it may suspect an id wrongly, but never misses one.
///
/// With 64 bits an event and eight probes a suspicion is wrong once in 28 million; beyond eight
/// million events the filter stays at 64 MiB and suspects more often. Suspects are looked at
/// again, exactly.
package struct DuplicateFilter {
    private static let maximumBits: UInt64 = 1 << 29
    private var words: [UInt64]
    private let mask: UInt64

    /// Makes a filter for a log of `count` events.
    package init(expecting count: Int) {
        var bits: UInt64 = 1 << 12
        while bits / 64 < UInt64(clamping: count), bits < Self.maximumBits { bits *= 2 }
        words = Array(repeating: 0, count: Int(bits / 64))
        mask = bits - 1
    }

    /// Adds an id; `true` when it may have been added before.
    package mutating func insert(_ id: EventID) -> Bool {
        let (first, second) = id.withUnsafeBytes {
            (
                $0.loadUnaligned(as: UInt64.self),
                $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self) | 1
            )
        }
        var wasThere = true
        for probe in 0..<UInt64(8) {
            let bit = (first &+ probe &* second) & mask
            let flag = UInt64(1) << (bit & 63)
            if words[Int(bit >> 6)] & flag == 0 { wasThere = false }
            words[Int(bit >> 6)] |= flag
        }
        return wasThere
    }
}
