// Finds hundreds of patterns in one pass (Wu and Manber, 1994), fast enough for unoptimised code:
// most places are jumped over after a look at two bytes.

internal import Glibc

/// A search for many patterns at once.
struct PatternSearch: Sendable {
    private let patterns: [[UInt8]]
    /// Only so many bytes of each pattern decide how far to jump.
    private let prefix: Int
    /// How far to jump after two bytes; 0 where a prefix may end in them.
    private let jumps: [Int]
    private let candidates: [Int: [Int]]

    /// How many bytes the longest pattern has.
    var longest: Int { patterns.map(\.count).max() ?? 0 }

    /// Prepares a search; each pattern has two bytes or more.
    init(_ patterns: [[UInt8]]) {
        self.patterns = patterns
        let prefix = patterns.map(\.count).min() ?? 2
        precondition(prefix >= 2)
        var jumps = [Int](repeating: prefix - 1, count: 1 << 16)
        var candidates: [Int: [Int]] = [:]
        for (number, pattern) in patterns.enumerated() {
            for end in 1..<prefix {
                let pair = Int(pattern[end - 1]) << 8 | Int(pattern[end])
                jumps[pair] = min(jumps[pair], prefix - 1 - end)
                if end == prefix - 1 { candidates[pair, default: []].append(number) }
            }
        }
        self.prefix = prefix
        self.jumps = jumps
        self.candidates = candidates
    }

    /// Calls `found` with the number and the place of each pattern that begins before `limit` and
    /// lies wholly in `bytes`.
    func run(
        _ bytes: UnsafeRawBufferPointer,
        beginningBefore limit: Int,
        found: (_ pattern: Int, _ at: Int) -> Void
    ) {
        guard let base = bytes.baseAddress else { return }
        let end = min(bytes.count, limit + prefix - 1)
        jumps.withUnsafeBufferPointer { jumps in
            var at = prefix - 1
            while at < end {
                let pair =
                    Int(base.load(fromByteOffset: at - 1, as: UInt8.self)) << 8
                    | Int(base.load(fromByteOffset: at, as: UInt8.self))
                let jump = jumps[pair]
                if jump > 0 {
                    at += jump
                    continue
                }
                let start = at - (prefix - 1)
                for number in candidates[pair] ?? [] where isAt(start, patterns[number], bytes) {
                    found(number, start)
                }
                at += 1
            }
        }
    }

    private func isAt(_ start: Int, _ pattern: [UInt8], _ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress, start + pattern.count <= bytes.count else {
            return false
        }
        return memcmp(base + start, pattern, pattern.count) == 0
    }
}
