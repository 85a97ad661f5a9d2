// What a refusal says: the full pointer for the submitter, the redacted one for logs.
// The second must not leak what the first may.

import TallyCore
import Testing

/// Pointers and descriptions of refusals.
@Suite struct JSONErrorTests {
    @Test(
        "the pointer names the value the reader stood at",
        arguments: [
            ("x", ""), ("[1,x]", "/1"), ("[[],[0,[x]]]", "/1/1/0"), ("[x", "/0"), ("[", "/0"),
            ("[1,", "/1"), ("[1 x]", ""), ("[[1 x]]", "/0"), (#"{"a":x}"#, "/a"),
            (#"{"a":1,"b":[{"c":x}]}"#, "/b/0/c"), (#"{"a":{"b":1},"c":x}"#, "/c"),
            (#"{"a":1 x}"#, ""), (#"{"a":{"b":1 x}}"#, "/a"), (#"{"a":1,x}"#, ""),
            (#"{"a" x}"#, "/a"), (#"{"a":1,"\ud800":2}"#, ""), (#"{"a":"\ud800"}"#, "/a"),
            (#"{"a":[1,2],"b":x}"#, "/b"), (#"{"a/b":x}"#, "/a~1b"), (#"{"a~b":x}"#, "/a~0b"),
            (#"{"~1/":x}"#, "/~01~1"), (#"{"":x}"#, "/"), (#"{"":{"":x}}"#, "//"),
            (#"{"\u00e9\n":x}"#, "/é\n"), (#"{"a":1,"a":2}"#, "/a"),
            (#"{"o":{"a":1,"\u0061":2}}"#, "/o/a"), (#"[{"a":[]},{"a":[]},x]"#, "/2"),
            (#"[{"a":[],"b":{},"c":[{},[x]]}]"#, "/0/c/1/0"), ("1 x", ""), ("[[1]] x", ""),
        ]
    )
    func pointer(text: String, pointer: String) {
        let error = #expect(throws: JSONError.self) { try JSONReader.check(Array(text.utf8)) }
        #expect(error?.pointer == pointer)
    }

    @Test("a pointer through many keys is complete")
    func manyKeys() {
        let many = (0..<200).map { "\"k\($0)\":0," }.joined()
        let bytes = Array("{\(many)\"a\":{\(many)\"b\":[0,{\(many)\"c\":x}]}}".utf8)
        let error = #expect(throws: JSONError.self) { try JSONReader.check(bytes) }
        #expect(error?.pointer == "/a/b/1/c")
    }

    @Test(
        "keys that might be personal are shown as a question mark",
        arguments: [
            ("", ""), ("/", "/?"), ("//", "/?/?"), ("/a", "/a"), ("/a/0/b_C-d.9", "/a/0/b_C-d.9"),
            ("/jane@example.org", "/?"), ("/Jane Doe/age", "/?/age"), ("/é", "/?"), ("/a~1b", "/?"),
            ("/a~0b", "/?"), ("/1234567", "/1234567"), ("/12345678", "/?"),
            ("/u-49301234567", "/?"),
            ("/2024-05-17", "/2024-05-17"), ("/\(String(repeating: "a", count: 64))/b", nil),
            ("/\(String(repeating: "a", count: 65))/b", "/?/b"), ("/a\nb", "/?"),
            ("/a\u{301}", "/?"),
        ]
    )
    func redaction(pointer: String, redacted: String?) {
        let error = JSONError(code: .invalidSyntax, pointer: pointer, offset: 3)
        #expect(error.redactedPointer == redacted ?? pointer)
    }

    @Test("a description has the reason, the redacted pointer and the offset")
    func description() {
        let error = JSONError(code: .duplicateKey, pointer: "/people/Jane Doe/0", offset: 17)
        #expect(error.description == "duplicate_key at /people/?/0, byte 17")
        #expect(String(reflecting: error) == error.description)
        let top = JSONError(code: .unexpectedEnd, pointer: "", offset: 0)
        #expect("\(top)" == "unexpected_end at the top level, byte 0")
    }

    @Test("a description has nothing of the payload's values")
    func noValues() {
        let bytes = Array(#"{"note":"secret","more":["hidden",1234567 8]}"#.utf8)
        let error = #expect(throws: JSONError.self) { try JSONReader.check(bytes) }
        #expect(error?.description == "invalid_syntax at /more, byte 42")
    }

    @Test("reasons have stable names")
    func codes() {
        #expect(
            JSONError.Code.allCases.map(\.rawValue) == [
                "invalid_syntax", "invalid_number", "invalid_escape", "invalid_utf8",
                "control_character", "null_character", "lone_surrogate", "byte_order_mark",
                "duplicate_key", "too_deep", "too_large", "number_too_long", "trailing_data",
                "unexpected_end",
            ]
        )
    }
}
