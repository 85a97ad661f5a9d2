// Strings compare by bytes, where Swift's own would call different texts equal.
// Were they compared Swift's way, a document could be refused for a duplicate it does not have.

import TallyCore
import Testing

/// Equality, order and hash of strings.
@Suite struct JSONStringTests {
    @Test("canonically equivalent strings are different")
    func equivalence() {
        let composed: JSONString = "\u{E9}"
        let decomposed: JSONString = "e\u{301}"
        #expect(composed.string == decomposed.string)
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
        #expect(decomposed < composed)
        #expect(!(composed < decomposed))
    }

    @Test("the order is that of the bytes")
    func order() {
        let sorted: [JSONString] = [
            "", "\u{1}", "A", "Z", "a", "aa", "b", "\u{7F}", "\u{80}", "\u{7FF}", "\u{FF5E}", "😀",
        ]
        #expect(sorted.reversed().sorted() == sorted)
    }

    @Test("equal bytes are equal strings however they were made")
    func sameBytes() {
        let long = String(repeating: "counting stick ", count: 10)
        let pieces = JSONString((0..<10).map { _ in "counting stick " }.joined())
        #expect(JSONString(long) == pieces)
        #expect(JSONString(long).hashValue == pieces.hashValue)
        #expect(JSONString(long) != JSONString(long + " "))
        #expect(JSONString(long).utf8 == Array(long.utf8))
    }
}
