// The canonical writer, byte by byte.
// Hashes cover these bytes, so a change in any row would break documents already folded.

import TallyCore
import Testing

/// Values and their canonical bytes.
@Suite struct JSONCanonicalTests {
    /// A value and its canonical form.
    struct Row: Sendable {
        let value: JSONValue
        let text: String

        init(_ value: JSONValue, _ text: String) {
            self.value = value
            self.text = text
        }
    }

    @Test("written as in the table", arguments: scalars + strings + containers)
    func writes(_ row: Row) {
        #expect(row.value.canonical() == Array(row.text.utf8))
    }

    @Test("every control character has its shortest escape")
    func controls() {
        let short: [UInt8: String] = [8: #"\b"#, 9: #"\t"#, 10: #"\n"#, 12: #"\f"#, 13: #"\r"#]
        for byte in UInt8(0)..<0x20 {
            let value = JSONValue.string(JSONString(String(Unicode.Scalar(byte))))
            let hex = String(byte, radix: 16)
            let long = #"\u00"# + (hex.count == 1 ? "0" : "") + hex
            #expect(value.canonical() == Array("\"\(short[byte] ?? long)\"".utf8))
        }
    }

    @Test("numbers are written as they came", arguments: ["-0", "1E+2", "0.10", "1e400", "1.0"])
    func numbers(text: String) throws {
        let number = try #require(JSONNumber(text: text))
        #expect(JSONValue.number(number).canonical() == Array(text.utf8))
    }

    @Test("equal objects give equal bytes whatever their order")
    func order() {
        let keys = (0..<100).map { "key\($0 * 37 % 100)" }
        let one = JSONObject(keys.map { (key: JSONString($0), value: JSONValue.null) })
        let two = JSONObject(keys.reversed().map { (key: JSONString($0), value: JSONValue.null) })
        #expect(one == two)
        #expect(JSONValue.object(one).canonical() == JSONValue.object(two).canonical())
    }

    static let scalars = [
        Row(nil, "null"),
        Row(true, "true"),
        Row(false, "false"),
        Row(0, "0"),
        Row(-42, "-42"),
        Row(9_223_372_036_854_775_807, "9223372036854775807"),
        Row(-9_223_372_036_854_775_808, "-9223372036854775808"),
    ]

    static let strings = [
        Row("", #""""#),
        Row("text", #""text""#),
        Row("a\"b", #""a\"b""#),
        Row("a\\b", #""a\\b""#),
        Row("a/b", #""a/b""#),
        Row("\u{8}\t\n\u{C}\r", #""\b\t\n\f\r""#),
        Row("\u{1}\u{1F}", #""\u0001\u001f""#),
        Row("\u{7F}\u{80}", "\"\u{7F}\u{80}\""),
        Row("\u{2028}\u{2029}\u{FEFF}", "\"\u{2028}\u{2029}\u{FEFF}\""),
        Row("é", "\"\u{E9}\""),
        Row("e\u{301}", "\"e\u{301}\""),
        Row("<&>'", #""<&>'""#),
        Row("😀", #""😀""#),
    ]

    static let containers = [
        Row([], "[]"),
        Row([1, "a", nil], #"[1,"a",null]"#),
        Row([[], [[]]], "[[],[[]]]"),
        Row([:], "{}"),
        Row(["b": 1, "a": 2], #"{"a":2,"b":1}"#),
        Row(["b": 1, "B": 2, "": 3, "aa": 4, "a": 5], #"{"":3,"B":2,"a":5,"aa":4,"b":1}"#),
        Row(["a": ["c": 1, "b": 2]], #"{"a":{"b":2,"c":1}}"#),
        // By UTF-8 bytes the first sorts before the second; by UTF-16 units it would not.
        Row(["😀": 1, "\u{FF5E}": 2], "{\"\u{FF5E}\":2,\"😀\":1}"),
        Row(["é": 1, "e\u{301}": 2, "f": 3], "{\"e\u{301}\":2,\"f\":3,\"\u{E9}\":1}"),
        Row(["\n": 1, "\"": 2], #"{"\n":1,"\"":2}"#),
    ]
}
