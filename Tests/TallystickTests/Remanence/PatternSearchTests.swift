// The search that everything else here relies on, beside one that is too simple to be wrong.

import TallyTesting
import Testing

@testable import TallyTesting

@Suite struct PatternSearchTests {
    private struct Found: Hashable {
        let pattern: Int
        let at: Int
    }

    @Test(arguments: [UInt64.random(in: 0..<1_000_000)])
    func itFindsWhatAComparisonAtEveryPlaceFinds(seed: UInt64) {
        print("pattern search: seed \(seed)")
        var random = SeededRandom(seed: seed)
        for _ in 0..<300 {
            // Few different bytes: patterns overlap, repeat, and begin each other.
            let patterns = (0..<Int.random(in: 1...6, using: &random)).map { _ in
                bytes(Int.random(in: 2...7, using: &random), &random)
            }
            let text = bytes(Int.random(in: 0...80, using: &random), &random)
            let limit = Int.random(in: 0...80, using: &random)
            #expect(found(patterns, text, limit) == expected(patterns, text, limit))
        }
    }

    @Test func aPatternAtTheVeryEndIsFoundAndOneCutOffIsNot() {
        #expect(found([[1, 2, 3]], [0, 1, 2, 3], 4) == [Found(pattern: 0, at: 1)])
        #expect(found([[1, 2, 3], [1, 2]], [0, 1, 2], 3) == [Found(pattern: 1, at: 1)])
    }

    private func bytes(_ count: Int, _ random: inout SeededRandom) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...2, using: &random) }
    }

    private func found(_ patterns: [[UInt8]], _ text: [UInt8], _ limit: Int) -> Set<Found> {
        var found: Set<Found> = []
        text.withUnsafeBytes { bytes in
            PatternSearch(patterns).run(bytes, beginningBefore: limit) {
                let isNew = found.insert(Found(pattern: $0, at: $1)).inserted
                #expect(isNew, "found twice")
            }
        }
        return found
    }

    private func expected(_ patterns: [[UInt8]], _ text: [UInt8], _ limit: Int) -> Set<Found> {
        var expected: Set<Found> = []
        for at in 0..<min(limit, text.count) {
            for (number, pattern) in patterns.enumerated()
            where text.dropFirst(at).starts(with: pattern) {
                expected.insert(Found(pattern: number, at: at))
            }
        }
        return expected
    }
}
