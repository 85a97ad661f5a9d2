// JSON merge patch: the table of RFC 7396's appendix A, what a document adds to it, and random
// patches against the algorithm written out as plainly as the RFC has it.

import TallyCore
import TallyTesting
import Testing

@Suite struct JSONMergePatchTests {
    /// RFC 7396, appendix A: original, patch, result.
    static let table = [
        (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
        (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
        (#"{"a":"b"}"#, #"{"a":null}"#, "{}"),
        (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
        (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
        (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
        (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
        (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#),
        (#"["a","b"]"#, #"["c","d"]"#, #"["c","d"]"#),
        (#"{"a":"b"}"#, #"["c"]"#, #"["c"]"#),
        (#"{"a":"foo"}"#, "null", "null"),
        (#"{"a":"foo"}"#, #""bar""#, #""bar""#),
        (#"{"e":null}"#, #"{"a":1}"#, #"{"a":1,"e":null}"#),
        ("[1,2]", #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
        ("{}", #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
    ]

    /// What the table leaves open.
    static let others = [
        ("null", #"{"a":{"b":null,"c":1}}"#, #"{"a":{"c":1}}"#),
        (#"{"n":1}"#, #"{"n":12345678901234567890.10}"#, #"{"n":12345678901234567890.10}"#),
        (#"{"n":1e400,"m":0.1}"#, #"{"m":0.10}"#, #"{"m":0.10,"n":1e400}"#),
        (#"{"é":1}"#, "{\"e\u{301}\":2}", "{\"e\u{301}\":2,\"é\":1}"),
        (#"{"a":1}"#, "{}", #"{"a":1}"#),
        ("5", "{}", "{}"),
        (#"{"":1}"#, #"{"":null}"#, "{}"),
    ]

    @Test("patches as RFC 7396 says", arguments: table + others)
    func merges(original: String, patch: String, result: String) throws {
        var value = try parse(original)
        value.merge(patch: try parse(patch))
        #expect(String(decoding: value.canonical(), as: UTF8.self) == result)
    }

    @Test func manyMembersAreRemovedAtOnce() throws {
        let keys = (0..<20_000).map { "k\($0)" }
        var value = JSONValue.object(JSONObject(keys.map { (JSONString($0), 1) }))
        value.merge(patch: .object(JSONObject(keys.dropLast().map { (JSONString($0), .null) })))
        #expect(value == ["k19999": 1])
    }

    @Test(arguments: [UInt64.random(in: 0..<1_000_000)])
    func randomPatchesAgreeWithTheAlgorithmWrittenOut(seed: UInt64) {
        print("merge patches: seed \(seed)")
        var random = JSONRandom(seed: seed)
        for _ in 0..<2000 {
            var value = random.value()
            let patch = random.value()
            let expected = NaiveMerge.patch(value, patch)
            value.merge(patch: patch)
            #expect(value.canonical() == expected.canonical())
        }
    }

    private func parse(_ text: String) throws -> JSONValue {
        try JSONReader.parse(Array(text.utf8))
    }
}
