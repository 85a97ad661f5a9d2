// What the reader refuses inside strings and keys: escapes, surrogates, characters, duplicates.
// What passes here is stored for years, so every class of ill-formed text has its row.

import TallyCore
import Testing

/// Documents with broken strings or repeated keys.
@Suite struct JSONRefuseStringTests {
    @Test("refused by check and parse", arguments: escapes + characters + keys)
    func refuses(_ row: JSONRefusal) {
        row.verify()
    }

    static let escapes = [
        JSONRefusal(string: "n_escape_a", Array(#"\a"#.utf8), .invalidEscape),
        JSONRefusal(string: "n_escape_zero", Array(#"\0"#.utf8), .invalidEscape),
        JSONRefusal(string: "n_escape_x", Array(#"\x41"#.utf8), .invalidEscape),
        JSONRefusal(string: "n_escape_upper_u", Array(#"\U0041"#.utf8), .invalidEscape),
        JSONRefusal(string: "n_escape_single_quote", Array(#"\'"#.utf8), .invalidEscape),
        JSONRefusal(string: "n_escape_newline", [0x5C, 0x0A], .invalidEscape),
        JSONRefusal(string: "n_escape_null", [0x5C, 0x00], .invalidEscape),
        JSONRefusal("n_unicode_not_hex", #""\u00g0""#, .invalidEscape, at: 5),
        JSONRefusal("n_unicode_short", #""\u00e""#, .invalidEscape, at: 6),
        JSONRefusal("n_unicode_sign", #""\u+041""#, .invalidEscape, at: 3),
        JSONRefusal("n_unicode_braces", #""\u{41}""#, .invalidEscape, at: 3),
        JSONRefusal(string: "n_unicode_null", Array(#"\u0000"#.utf8), .nullCharacter),
        JSONRefusal(string: "n_surrogate_high", Array(#"\ud800"#.utf8), .loneSurrogate),
        JSONRefusal(string: "n_surrogate_high_last", Array(#"\udbff"#.utf8), .loneSurrogate),
        JSONRefusal(string: "n_surrogate_low", Array(#"\udc00"#.utf8), .loneSurrogate),
        JSONRefusal(string: "n_surrogate_low_last", Array(#"\uDFFF"#.utf8), .loneSurrogate),
        JSONRefusal(string: "n_surrogate_high_text", Array(#"\ud800abcdef"#.utf8), .loneSurrogate),
        JSONRefusal(
            string: "n_surrogate_high_escape",
            Array(#"\ud800\n12345"#.utf8),
            .loneSurrogate
        ),
        JSONRefusal(string: "n_surrogate_high_high", Array(#"\ud800\ud800"#.utf8), .loneSurrogate),
        JSONRefusal(
            string: "n_surrogate_high_letter",
            Array(#"\ud800\u0041"#.utf8),
            .loneSurrogate
        ),
        JSONRefusal(string: "n_surrogate_swapped", Array(#"\ude00\ud83d"#.utf8), .loneSurrogate),
        JSONRefusal("n_surrogate_low_not_hex", #""\ud800\udcxx""#, .invalidEscape, at: 11),
    ]

    static let characters =
        (1..<0x20).map { JSONRefusal(string: "n_control_\($0)", [$0], .controlCharacter) } + [
            JSONRefusal(string: "n_null", [0x00], .nullCharacter),
            JSONRefusal(string: "n_continuation", [0x80], .invalidUTF8),
            JSONRefusal(string: "n_continuation_last", [0xBF], .invalidUTF8),
            JSONRefusal(string: "n_overlong_null", [0xC0, 0x80], .invalidUTF8),
            JSONRefusal(string: "n_overlong_slash", [0xC0, 0xAF], .invalidUTF8),
            JSONRefusal(string: "n_overlong_two", [0xC1, 0xBF], .invalidUTF8),
            JSONRefusal(string: "n_overlong_three", [0xE0, 0x9F, 0xBF], .invalidUTF8),
            JSONRefusal(string: "n_overlong_four", [0xF0, 0x8F, 0xBF, 0xBF], .invalidUTF8),
            JSONRefusal(string: "n_utf8_surrogate_first", [0xED, 0xA0, 0x80], .invalidUTF8),
            JSONRefusal(string: "n_utf8_surrogate_last", [0xED, 0xBF, 0xBF], .invalidUTF8),
            JSONRefusal(
                string: "n_utf8_surrogate_pair",
                [0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80],
                .invalidUTF8
            ),
            JSONRefusal(string: "n_utf8_beyond", [0xF4, 0x90, 0x80, 0x80], .invalidUTF8),
            JSONRefusal(string: "n_utf8_f5", [0xF5, 0x80, 0x80, 0x80], .invalidUTF8),
            JSONRefusal(string: "n_utf8_five_bytes", [0xF8, 0x88, 0x80, 0x80, 0x80], .invalidUTF8),
            JSONRefusal(string: "n_utf8_fe", [0xFE], .invalidUTF8),
            JSONRefusal(string: "n_utf8_ff", [0xFF], .invalidUTF8),
            JSONRefusal(string: "n_utf8_cut_two", [0xC3], .invalidUTF8),
            JSONRefusal(string: "n_utf8_cut_three", [0xE2, 0x82], .invalidUTF8),
            JSONRefusal(string: "n_utf8_cut_four", [0xF0, 0x9F, 0x98], .invalidUTF8),
            JSONRefusal(string: "n_utf8_cut_text", [0xE2, 0x82, 0x41], .invalidUTF8),
            JSONRefusal(string: "n_latin_1", [0xE9, 0x74, 0xE9], .invalidUTF8),
            JSONRefusal("n_utf8_cut_end", [0x22, 0xF0, 0x9F], .invalidUTF8, at: 1),
            JSONRefusal("n_control_at_9", "\"12345678\u{1F}\"", .controlCharacter, at: 9),
            JSONRefusal(
                "n_utf8_at_9",
                Array("\"12345678".utf8) + [0x80, 0x22],
                .invalidUTF8,
                at: 9
            ),
        ]

    static let keys = [
        JSONRefusal("n_key_twice", #"{"a":1,"a":2}"#, .duplicateKey, at: 7),
        JSONRefusal("n_key_twice_same", #"{"a":1,"a":1}"#, .duplicateKey, at: 7),
        JSONRefusal("n_key_twice_apart", #"{"a":1,"b":2,"a":3}"#, .duplicateKey, at: 13),
        JSONRefusal("n_key_twice_empty", #"{"":1,"":2}"#, .duplicateKey, at: 6),
        JSONRefusal("n_key_twice_nested", #"[{"x":{"a":1,"a":2}}]"#, .duplicateKey, at: 13),
        JSONRefusal("n_key_twice_around", #"{"a":{"b":1},"a":2}"#, .duplicateKey, at: 13),
        JSONRefusal("n_key_twice_escaped", #"{"a":1,"\u0061":2}"#, .duplicateKey, at: 7),
        JSONRefusal("n_key_twice_escaped_first", #"{"\u0061":1,"a":2}"#, .duplicateKey, at: 12),
        JSONRefusal("n_key_twice_two_escapes", #"{"\n":1,"\u000a":2}"#, .duplicateKey, at: 8),
        JSONRefusal("n_key_twice_slash", #"{"a/b":1,"a\/b":2}"#, .duplicateKey, at: 9),
        JSONRefusal("n_key_twice_pair", #"{"😀":1,"\ud83d\ude00":2}"#, .duplicateKey, at: 10),
        JSONRefusal("n_key_twice_after_set", #"{"\n":{"a":1},"b":2,"b":3}"#, .duplicateKey, at: 20),
        JSONRefusal(
            "n_key_twice_after_inner_set",
            #"{"b":{"\n":1},"c":2,"b":3}"#,
            .duplicateKey,
            at: 20
        ),
        JSONRefusal("n_key_null", #"{"\u0000":1}"#, .nullCharacter, at: 2),
        JSONRefusal("n_key_surrogate", #"{"\ud800":1}"#, .loneSurrogate, at: 2),
        JSONRefusal(
            "n_key_not_utf8",
            [0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D],
            .invalidUTF8,
            at: 2
        ),
        JSONRefusal("n_key_control", "{\"a\tb\":1}", .controlCharacter, at: 3),
    ]
}
