// A string of a JSON text by its place, and the text it stands for.
// The checker keeps keys as slices and compares them in place; the builder decodes every string.

/// A string inside a JSON text, without its quotes.
///
/// `JSONLimits.maximumBytes` is two to the power of 24, so one word holds an offset, a length and
/// 16 bits drawn from the bytes, which tell most different keys apart without looking at the text.
struct JSONTextSlice {
    /// From the low bits up: 24 of offset, 24 of length, 16 of the bytes.
    private let word: UInt64

    /// Creates a slice from where a string begins and ends in a text, quotes included.
    @inline(__always)
    init(quoted start: Int, _ end: Int, in text: Span<UInt8>) {
        let length = end - start - 2
        // Of an empty string the first and last are its quotes.
        let print = UInt64(text[start + 1]) << 8 | UInt64(text[end - 2])
        word = UInt64(start + 1) | UInt64(length) << 24 | print << 48
    }

    /// Creates a slice of nothing.
    init() {
        word = 0
    }

    /// The number of bytes.
    var length: Int { Int(word >> 24 & 0xFF_FFFF) }

    /// The offsets of the bytes.
    private var range: Range<Int> {
        let start = Int(word & 0xFF_FFFF)
        return start..<start + length
    }

    /// Whether two slices are the same bytes.
    func isSame(as other: Self, in text: Span<UInt8>) -> Bool {
        guard (word ^ other.word) >> 24 == 0 else { return false }
        return text.extracting(range).hasSameBytes(as: text.extracting(other.range))
    }

    /// The string the slice stands for, its escapes resolved.
    func string(in text: Span<UInt8>) throws(JSONFault) -> JSONString {
        let slice = text.extracting(range)
        for at in 0..<slice.count where slice[at] == UInt8(ascii: "\\") {
            return JSONString(try JSONTextSlice.unescaped(slice))
        }
        return JSONString(try JSONTextSlice.verbatim(slice))
    }

    /// The text of bytes that stand for themselves.
    static func verbatim(_ bytes: Span<UInt8>) throws(JSONFault) -> String {
        do {
            return String(copying: try UTF8Span(validating: bytes))
        } catch {
            throw JSONFault(.invalidUTF8, at: 0)
        }
    }

    /// The text of bytes among which there are escapes.
    private static func unescaped(_ slice: Span<UInt8>) throws(JSONFault) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(slice.count)
        var at = 0
        while at < slice.count {
            if slice[at] == UInt8(ascii: "\\") {
                at = try appendEscape(in: slice, from: at, to: &bytes)
            } else {
                bytes.append(slice[at])
                at += 1
            }
        }
        return try verbatim(bytes.span)
    }

    /// Appends what the escape at `start` stands for and returns where it ends.
    private static func appendEscape(
        in slice: Span<UInt8>,
        from start: Int,
        to bytes: inout [UInt8]
    ) throws(JSONFault) -> Int {
        switch slice[start + 1] {
        case UInt8(ascii: "u"):
            let (scalar, end) = try JSONLexer.unicodeEscape(in: slice, from: start)
            bytes.append(contentsOf: scalar.utf8)
            return end
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0C)
        case UInt8(ascii: "n"): bytes.append(0x0A)
        case UInt8(ascii: "r"): bytes.append(0x0D)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case let itself: bytes.append(itself)
        }
        return start + 2
    }
}
