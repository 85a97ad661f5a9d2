// A JSON number, kept as the text it came as.
// No conversion to binary floating point ever happens, so 12345678901234567890.10 is stored,
// folded and disclosed with every digit it had.

/// A JSON number.
///
/// Two numbers are equal if their texts are: `1`, `1.0` and `1e0` are three different numbers.
package struct JSONNumber: Sendable, Hashable {
    /// The source text, verbatim.
    package let text: String

    /// Creates a number from text that the JSON grammar and the length limit allow.
    package init?(text: String) {
        let bytes = text.utf8Span.span
        guard (try? JSONLexer.numberEnd(in: bytes, from: 0)) == bytes.count else { return nil }
        self.text = text
    }

    /// Creates a number from an integer.
    package init(_ value: some FixedWidthInteger) {
        self.text = String(value)
    }

    /// Creates a number from text the lexer has accepted.
    init(checked text: String) {
        self.text = text
    }

    /// The exact value if the number is written without fraction and exponent and fits.
    package var int64: Int64? { Int64(text) }

    /// The exact value if the number is written without sign, fraction and exponent and fits.
    package var uint64: UInt64? { text.utf8.first == UInt8(ascii: "-") ? nil : UInt64(text) }
}
