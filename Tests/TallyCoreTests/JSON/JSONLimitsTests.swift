// The bounds of a document, each tried on both sides.
// An off-by-one here is either a refused customer or an unbounded document.

import TallyCore
import Testing

/// Documents at the limits and just beyond them.
@Suite struct JSONLimitsTests {
    @Test("128 levels are taken, 129 refused", arguments: ["[", #"{"a":"#, #"[{"a":"#])
    func depth(opening: String) throws {
        let levels = opening.filter { "[{".contains($0) }.count
        let deepest = nested(opening, times: JSONLimits.maximumDepth / levels, around: "1")
        try JSONReader.check(deepest)
        #expect(try JSONReader.parse(deepest).canonical() == deepest)

        let deeper = nested(opening, times: JSONLimits.maximumDepth / levels, around: "[]")
        let error = #expect(throws: JSONError.self) { try JSONReader.check(deeper) }
        #expect(error?.code == .tooDeep)
        #expect(error?.offset == deeper.firstIndex(of: UInt8(ascii: "]")).map { $0 - 1 })
        #expect(error?.pointer.utf8.filter { $0 == UInt8(ascii: "/") }.count == 128)
    }

    @Test("a flood of brackets is refused early", arguments: ["[", "{\"\":"])
    func flood(opening: String) {
        let bytes = Array(String(repeating: opening, count: 100_000).utf8)
        let error = #expect(throws: JSONError.self) { try JSONReader.check(bytes) }
        #expect(error?.code == .tooDeep)
        #expect(error?.offset == 128 * opening.utf8.count)
    }

    @Test("16 MiB are taken, one byte more is refused")
    func size() throws {
        var bytes = [UInt8](repeating: UInt8(ascii: "a"), count: JSONLimits.maximumBytes)
        bytes[0] = UInt8(ascii: "\"")
        bytes[bytes.count - 1] = UInt8(ascii: "\"")
        try JSONReader.check(bytes)

        bytes.append(UInt8(ascii: " "))
        #expect(throws: JSONError(code: .tooLarge, pointer: "", offset: 0)) {
            try JSONReader.check(bytes)
        }
    }

    @Test("numbers of 1024 characters are taken, longer ones refused", arguments: ["", "-", "0."])
    func numberLength(prefix: String) throws {
        let digits = String(repeating: "7", count: JSONLimits.maximumNumberLength)
        let longest = prefix + digits.dropLast(prefix.count)
        try JSONReader.check(Array(longest.utf8))
        #expect(JSONNumber(text: longest)?.text == longest)

        let longer = longest + "7"
        #expect(throws: JSONError(code: .numberTooLong, pointer: "/0", offset: 1)) {
            try JSONReader.check(Array("[\(longer)]".utf8))
        }
        #expect(JSONNumber(text: longer) == nil)
    }

    @Test("a repeated key is found at every size", arguments: [1, 31, 32, 33, 34, 64, 65, 500])
    func duplicates(count: Int) throws {
        let keys = (0..<count).map { "\"key_\($0)\":{\"in\":0}" }
        let unique = "{\(keys.joined(separator: ","))}"
        try JSONReader.check(Array(unique.utf8))
        #expect(try JSONReader.parse(Array(unique.utf8)).objectValue?.count == count)

        for twice in [0, count / 2, count - 1] {
            let bytes = Array("{\(keys.joined(separator: ",")),\"key_\(twice)\":1}".utf8)
            let error = #expect(throws: JSONError.self) { try JSONReader.check(bytes) }
            #expect(error?.code == .duplicateKey)
            #expect(error?.pointer == "/key_\(twice)")
        }
    }

    @Test("long keys that look alike are told apart", arguments: [63, 64, 65, 5_000])
    func longKeys(length: Int) throws {
        let middle = String(repeating: "a", count: length - 2)
        let bytes = Array(#"{"x\#(middle)x":{"x\#(middle)x":1},"x\#(middle.dropLast())bx":2}"#.utf8)
        try JSONReader.check(bytes)

        let twice = Array(#"{"x\#(middle)x":{"x\#(middle)x":1},"x\#(middle)x":2}"#.utf8)
        let error = #expect(throws: JSONError.self) { try JSONReader.check(twice) }
        #expect(error?.code == .duplicateKey)
    }

    /// A value wrapped in the same containers again and again.
    private func nested(_ opening: String, times: Int, around value: String) -> [UInt8] {
        let closing = String(opening.compactMap { ["[": "]", "{": "}"][$0] }.reversed())
        return Array(
            (String(repeating: opening, count: times) + value
                + String(repeating: closing, count: times)).utf8
        )
    }
}
