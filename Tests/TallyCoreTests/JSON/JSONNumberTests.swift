// Numbers stay text and become integers only where that is exact.
// Amounts and identifiers beyond a double's precision depend on it.

import TallyCore
import Testing

/// Numbers as text and as integers.
@Suite struct JSONNumberTests {
    @Test(
        "the text is the number's",
        arguments: [
            "0", "-0", "12345678901234567890.10", "1e400", "1E+2", "-1.5e-07",
            "0.30000000000000004",
        ]
    )
    func verbatim(text: String) throws {
        #expect(try #require(JSONNumber(text: text)).text == text)
        let parsed = try JSONReader.parse(Array("[\(text)]".utf8))
        #expect(parsed.arrayValue?.first?.numberValue?.text == text)
    }

    @Test(
        "text that is no number makes none",
        arguments: [
            "", " ", "1 ", " 1", "+1", ".5", "1.", "01", "-", "1e", "NaN", "0x1", "1,5", "1\u{0}",
            "١",
            "\"1\"", "--1", "1e1.5", "1_0",
        ]
    )
    func invalid(text: String) {
        #expect(JSONNumber(text: text) == nil)
    }

    @Test(
        "integers are exact or absent",
        arguments: [
            ("0", 0, 0), ("-0", 0, nil), ("1", 1, 1), ("-1", -1, nil), ("1.0", nil, nil),
            ("1e2", nil, nil), ("1E2", nil, nil), ("9223372036854775807", .max, 1 << 63 - 1),
            ("9223372036854775808", nil, 1 << 63), ("-9223372036854775808", .min, nil),
            ("-9223372036854775809", nil, nil), ("18446744073709551615", nil, .max),
            ("18446744073709551616", nil, nil),
        ] as [(String, Int64?, UInt64?)]
    )
    func integers(text: String, signed: Int64?, unsigned: UInt64?) throws {
        let number = try #require(JSONNumber(text: text))
        #expect(number.int64 == signed)
        #expect(number.uint64 == unsigned)
    }

    @Test("integers are written in full")
    func fromIntegers() {
        #expect(JSONNumber(Int64.min).text == "-9223372036854775808")
        #expect(JSONNumber(UInt64.max).text == "18446744073709551615")
        #expect(JSONNumber(0).text == "0")
    }

    @Test("numbers are equal if their texts are")
    func equality() {
        #expect(JSONNumber(text: "1") == JSONNumber(1))
        #expect(JSONNumber(text: "1.0") != JSONNumber(1))
        #expect(JSONNumber(text: "-0") != JSONNumber(0))
    }
}
