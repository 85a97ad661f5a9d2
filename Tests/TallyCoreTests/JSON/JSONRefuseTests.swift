// What the reader refuses for its syntax, with the reason and the byte it names.
// Rows without a byte of their own are refused at the end of the text.

import TallyCore
import Testing

/// Documents with broken structure, literals or numbers.
@Suite struct JSONRefuseTests {
    @Test("refused by check and parse", arguments: ends + structures + literals + numbers)
    func refuses(_ row: JSONRefusal) {
        row.verify()
    }

    static let ends = [
        "", " ", "\n", "[", "{", "[1", "[1,", "[[", "[[]", #"{""#, #"{"a"#, #"{"a""#, #"{"a":"#,
        #"{"a":1"#, #"{"a":1,"#, #"{"a":{}"#, "\"", #""abc"#, #""\"#, #""\u"#, #""\u00e"#, "t",
        "tru", "fals", "nul", "-", "1.", "1e", "1e+", "1.5E-", "[-", #""\ud800\u"#,
        #""\ud800\udc0"#,
    ].map { JSONRefusal("n_end_\($0)", $0, .unexpectedEnd) }

    static let structures = [
        JSONRefusal("n_array_comma_first", "[,1]", .invalidSyntax, at: 1),
        JSONRefusal("n_array_comma_last", "[1,]", .invalidSyntax, at: 3),
        JSONRefusal("n_array_comma_twice", "[1,,2]", .invalidSyntax, at: 3),
        JSONRefusal("n_array_comma_missing", "[1 2]", .invalidSyntax, at: 3),
        JSONRefusal("n_array_colon", "[1:2]", .invalidSyntax, at: 2),
        JSONRefusal("n_array_closed_as_object", "[1}", .invalidSyntax, at: 2),
        JSONRefusal("n_object_closed_as_array", #"{"a":1]"#, .invalidSyntax, at: 6),
        JSONRefusal("n_object_comma_first", #"{,"a":1}"#, .invalidSyntax, at: 1),
        JSONRefusal("n_object_comma_last", #"{"a":1,}"#, .invalidSyntax, at: 7),
        JSONRefusal("n_object_comma_twice", #"{"a":1,,"b":2}"#, .invalidSyntax, at: 7),
        JSONRefusal("n_object_comma_missing", #"{"a":1 "b":2}"#, .invalidSyntax, at: 7),
        JSONRefusal("n_object_colon_missing", #"{"a" 1}"#, .invalidSyntax, at: 5),
        JSONRefusal("n_object_colon_twice", #"{"a"::1}"#, .invalidSyntax, at: 5),
        JSONRefusal("n_object_value_missing", #"{"a":}"#, .invalidSyntax, at: 5),
        JSONRefusal("n_object_key_only", #"{"a"}"#, .invalidSyntax, at: 4),
        JSONRefusal("n_object_key_number", "{1:1}", .invalidSyntax, at: 1),
        JSONRefusal("n_object_key_bare", "{a:1}", .invalidSyntax, at: 1),
        JSONRefusal("n_object_key_null", "{null:1}", .invalidSyntax, at: 1),
        JSONRefusal("n_single_quotes", "['a']", .invalidSyntax, at: 1),
        JSONRefusal("n_single_quoted_key", "{'a':1}", .invalidSyntax, at: 1),
        JSONRefusal("n_comment_block", "[1/* one */]", .invalidSyntax, at: 2),
        JSONRefusal("n_comment_line", "// one\n1", .invalidSyntax, at: 0),
        JSONRefusal("n_comment_after", "1 // one", .trailingData, at: 2),
        JSONRefusal("n_comment_hash", "# one\n1", .invalidSyntax, at: 0),
        JSONRefusal("n_closing_only", "]", .invalidSyntax, at: 0),
        JSONRefusal("n_closing_twice", "[]]", .trailingData, at: 2),
        JSONRefusal("n_two_values", "1 2", .trailingData, at: 2),
        JSONRefusal("n_two_objects", "{}{}", .trailingData, at: 2),
        JSONRefusal("n_comma_after", "{},", .trailingData, at: 2),
        JSONRefusal("n_null_after", "{}\0", .trailingData, at: 2),
        JSONRefusal("n_space_form_feed", "[\u{C}1]", .invalidSyntax, at: 1),
        JSONRefusal("n_space_vertical_tab", "[1\u{B}]", .invalidSyntax, at: 2),
        JSONRefusal("n_space_no_break", "\u{A0}1", .invalidSyntax, at: 0),
        JSONRefusal("n_space_null", "[1,\u{0}2]", .nullCharacter, at: 3),
        JSONRefusal("n_null_for_comma", "[1\u{0}2]", .nullCharacter, at: 2),
        JSONRefusal("n_null_for_key", "{\u{0}}", .nullCharacter, at: 1),
        JSONRefusal("n_null_first", "\u{0}", .nullCharacter, at: 0),
        JSONRefusal("n_not_utf8", [0xFF], .invalidSyntax, at: 0),
        JSONRefusal("n_mark", "\u{FEFF}{}", .byteOrderMark, at: 0),
        JSONRefusal("n_mark_only", "\u{FEFF}", .byteOrderMark, at: 0),
        JSONRefusal("n_mark_utf16", [0xFF, 0xFE, 0x31, 0x00], .invalidSyntax, at: 0),
        JSONRefusal("n_mark_after_space", " \u{FEFF}1", .invalidSyntax, at: 1),
        JSONRefusal("n_mark_in_part", [0xEF, 0xBB], .invalidSyntax, at: 0),
    ]

    static let literals = [
        JSONRefusal("n_literal_upper", "TRUE", .invalidSyntax, at: 0),
        JSONRefusal("n_literal_capital", "[nulL]", .invalidSyntax, at: 4),
        JSONRefusal("n_literal_short", "[tru]", .invalidSyntax, at: 4),
        JSONRefusal("n_literal_long", "[truee]", .invalidSyntax, at: 5),
        JSONRefusal("n_literal_joined", "truefalse", .trailingData, at: 4),
        JSONRefusal("n_literal_undefined", "undefined", .invalidSyntax, at: 0),
        JSONRefusal("n_literal_nan", "NaN", .invalidSyntax, at: 0),
        JSONRefusal("n_literal_nan_lower", "nan", .invalidSyntax, at: 1),
        JSONRefusal("n_literal_infinity", "[Infinity]", .invalidSyntax, at: 1),
    ]

    static let numbers = [
        JSONRefusal("n_number_plus", "+1", .invalidSyntax, at: 0),
        JSONRefusal("n_number_point_first", ".5", .invalidSyntax, at: 0),
        JSONRefusal("n_number_point_last", "[1.]", .invalidNumber, at: 3),
        JSONRefusal("n_number_point_twice", "[1.2.3]", .invalidSyntax, at: 4),
        JSONRefusal("n_number_point_exponent", "1.e5", .invalidNumber, at: 2),
        JSONRefusal("n_number_leading_zero", "01", .invalidNumber, at: 1),
        JSONRefusal("n_number_leading_zeros", "[00]", .invalidNumber, at: 2),
        JSONRefusal("n_number_minus_leading_zero", "-01", .invalidNumber, at: 2),
        JSONRefusal("n_number_minus_only", "[-]", .invalidNumber, at: 2),
        JSONRefusal("n_number_minus_twice", "--1", .invalidNumber, at: 1),
        JSONRefusal("n_number_minus_point", "-.5", .invalidNumber, at: 1),
        JSONRefusal("n_number_minus_infinity", "-Infinity", .invalidNumber, at: 1),
        JSONRefusal("n_number_exponent_empty", "[1e]", .invalidNumber, at: 3),
        JSONRefusal("n_number_exponent_sign_only", "[1e+]", .invalidNumber, at: 4),
        JSONRefusal("n_number_exponent_fraction", "[1e1.5]", .invalidSyntax, at: 4),
        JSONRefusal("n_number_hex", "0x10", .trailingData, at: 1),
        JSONRefusal("n_number_underscore", "[1_000]", .invalidSyntax, at: 2),
        JSONRefusal("n_number_comma", "1,5", .trailingData, at: 1),
        JSONRefusal("n_number_full_width", "\u{FF11}", .invalidSyntax, at: 0),
    ]
}
