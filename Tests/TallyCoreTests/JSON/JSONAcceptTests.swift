// What the reader takes: one row for every rule of the grammar that is easy to get wrong.
// Each row also says what the canonical writer makes of it, so parsing is checked by its result.

import TallyCore
import Testing

/// Documents the reader takes.
@Suite struct JSONAcceptTests {
    /// A document and its canonical form.
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let text: String
        let canonical: String

        init(_ name: String, _ text: String, _ canonical: String? = nil) {
            self.name = name
            self.text = text
            self.canonical = canonical ?? text
        }

        var testDescription: String { name }
    }

    @Test("taken by check and parse", arguments: structures + spaces + numbers + strings + objects)
    func accepts(_ row: Row) throws {
        let bytes = Array(row.text.utf8)
        try JSONReader.check(bytes)
        let canonical = try JSONReader.parse(bytes).canonical()
        #expect(String(decoding: canonical, as: UTF8.self) == row.canonical)
        #expect(canonical == Array(row.canonical.utf8))
    }

    static let structures = [
        Row("y_top_null", "null"),
        Row("y_top_true", "true"),
        Row("y_top_false", "false"),
        Row("y_top_number", "42"),
        Row("y_top_string", #""text""#),
        Row("y_top_empty_string", #""""#),
        Row("y_top_array", "[]"),
        Row("y_top_object", "{}"),
        Row("y_array_one", "[null]"),
        Row("y_array_many", "[1,2,3]"),
        Row("y_array_mixed", #"[null,true,false,1,"a",[],{}]"#),
        Row("y_array_empty_strings", #"["","",""]"#),
        Row("y_nested_arrays", "[[],[[]],[[[]]]]"),
        Row("y_nested_objects", #"{"a":{"b":{"c":{}}}}"#),
        Row("y_nested_both", #"{"a":[{"b":[{"c":[]}]}]}"#),
        Row("y_after_empty", #"{"a":[],"b":{},"c":1}"#),
    ]

    static let spaces = [
        Row("y_space_before", " \t\r\n1", "1"),
        Row("y_space_after", "1 \t\r\n", "1"),
        Row("y_space_everywhere", " [ 1 , { \"a\" : 2 } ] ", #"[1,{"a":2}]"#),
        Row("y_space_in_empty_array", "[ \n ]", "[]"),
        Row("y_space_in_empty_object", "{ \t }", "{}"),
        Row("y_space_after_closed", "{\"a\":[1 ] , \"b\":{} }", #"{"a":[1],"b":{}}"#),
        Row("y_newline_at_end", "{}\n", "{}"),
    ]

    static let numbers = [
        "0", "-0", "1", "-1", "10", "0.0", "-0.0", "0.10", "123.456", "0e0", "0E0", "0e+0", "0e-0",
        "1e5", "1E5", "1e+5", "1e-5", "1.5e05", "-1.5E-05", "1e400", "-1e-400", "1e999999999",
        "9007199254740993", "12345678901234567890.10", "0.1000000000000000055511151231257827",
        "-0.0000000000000000000000000000000000000000000000000000000000000000000000000000000001",
    ].map { Row("y_number_\($0)", $0) }

    static let strings = [
        Row("y_escape_quote", #""\"""#),
        Row("y_escape_backslash", #""\\""#),
        Row("y_escape_slash", #""\/""#, #""/""#),
        Row("y_escape_letters", #""\b\f\n\r\t""#),
        Row("y_escape_backslash_n", #""\\n""#),
        Row("y_escape_backslash_u", #""\\u0041""#),
        Row("y_unicode_ascii", #""\u0041""#, #""A""#),
        Row("y_unicode_lower_hex", #""\u00e9""#, #""é""#),
        Row("y_unicode_upper_hex", #""\u00E9""#, #""é""#),
        Row("y_unicode_quote", #""\u0022""#, #""\"""#),
        Row("y_unicode_backslash", #""\u005c""#, #""\\""#),
        Row("y_unicode_control", #""\u0001\u001F""#, #""\u0001\u001f""#),
        Row("y_unicode_newline", #""\u000A""#, #""\n""#),
        Row("y_unicode_three_bytes", #""\u20ac""#, #""€""#),
        Row("y_unicode_pair", #""\ud83d\ude00""#, #""😀""#),
        Row("y_unicode_first_pair", #""\uD800\uDC00""#, "\"\u{10000}\""),
        Row("y_unicode_last_pair", #""\uDBFF\uDFFF""#, "\"\u{10FFFF}\""),
        Row("y_unicode_two_pairs", #""\ud83d\ude00\ud83d\ude01""#, #""😀😁""#),
        Row("y_unicode_before_surrogates", #""\ud7ff""#, "\"\u{D7FF}\""),
        Row("y_unicode_after_surrogates", #""\ue000""#, "\"\u{E000}\""),
        Row("y_unicode_noncharacter", #""\uffff""#, "\"\u{FFFF}\""),
        Row("y_utf8_two_bytes", "\"\u{80}\u{7FF}\""),
        Row("y_utf8_three_bytes", "\"\u{800}\u{FFFD}\""),
        Row("y_utf8_four_bytes", "\"\u{10000}\u{10FFFF}\""),
        Row("y_utf8_around_surrogates", "\"\u{D7FF}\u{E000}\""),
        Row("y_utf8_mark_inside", "\"\u{FEFF}\""),
        Row("y_utf8_separators", "\"\u{2028}\u{2029}\""),
        Row("y_utf8_decomposed", "\"e\u{301}\""),
        Row("y_utf8_long", "\"Zählstäbe, κέρματα, 計数棒, 🪵🪵🪵\""),
        Row("y_delete_is_plain", "\"\u{7F}\""),
        Row("y_spaces_inside", #""  a  b  ""#),
        Row("y_comment_inside", #""/* // */""#),
        Row("y_quote_at_8", #""1234567\"8""#),
        Row("y_escape_at_9", #""12345678\n123456789012345\t""#),
    ]

    static let objects = [
        Row("y_empty_key", #"{"":0}"#),
        Row("y_sorted", #"{"b":1,"a":2}"#, #"{"a":2,"b":1}"#),
        Row("y_key_escaped", #"{"\u0061\n":1}"#, #"{"a\n":1}"#),
        Row("y_key_prefixes", #"{"a":1,"aa":2,"aaa":3}"#),
        Row("y_key_case", #"{"A":1,"a":2}"#),
        Row("y_same_key_inside", #"{"a":{"a":{"a":1}}}"#),
        Row("y_same_key_beside", #"{"a":{"x":1},"b":{"x":1}}"#),
        Row("y_same_key_in_array", #"[{"a":1},{"a":1}]"#),
        Row("y_same_key_after_inside", #"{"a":{"b":1},"b":2}"#),
        Row("y_key_composed_and_not", "{\"e\u{301}\":1,\"\u{E9}\":2}"),
        Row("y_key_raw_escape", #"{"\\u0061":1,"a":2}"#),
    ]
}
