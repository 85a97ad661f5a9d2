// Where the strings of a JSON text end.
// Every byte of a string passes here on its way in: escapes, surrogate pairs, control characters
// and UTF-8 are checked, so that what is stored can be read back by anyone.

extension JSONLexer {
    /// The byte after the string at `start`, where its opening quote is.
    static func stringEnd(
        in text: Span<UInt8>,
        from start: Int
    ) throws(JSONFault) -> (end: Int, isEscaped: Bool) {
        var at = start + 1
        var isEscaped = false
        while true {
            at = plainEnd(in: text, from: at)
            guard at < text.count else { throw JSONFault(.unexpectedEnd, at: at) }
            switch text[at] {
            case UInt8(ascii: "\""): return (at + 1, isEscaped)
            case UInt8(ascii: "\\"):
                at = try escapeEnd(in: text, from: at)
                isEscaped = true
            case 0x80...: at = try sequenceEnd(in: text, from: at)
            case 0: throw JSONFault(.nullCharacter, at: at)
            default: throw JSONFault(.controlCharacter, at: at)
            }
        }
    }

    /// The first byte that is not a printable ASCII character standing for itself.
    @inline(__always)
    private static func plainEnd(in text: Span<UInt8>, from start: Int) -> Int {
        var at = start
        while at &+ 8 <= text.count {
            let word = text.bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self)
            let stops = stopBits(UInt64(littleEndian: word))
            guard stops == 0 else { return at &+ stops.trailingZeroBitCount / 8 }
            at &+= 8
        }
        while at < text.count, isPlain(text[at]) { at &+= 1 }
        return at
    }

    /// Eight bytes at once: the lowest bit set is the top bit of the first byte to stop at.
    ///
    /// Subtracting one from a zero byte, or 0x20 from a smaller one, borrows into its top bit. A
    /// borrow can only falsify bytes above, so the lowest hit is always a true one.
    private static func stopBits(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quote = (word ^ ones &* UInt64(UInt8(ascii: "\""))) &- ones
        let backslash = (word ^ ones &* UInt64(UInt8(ascii: "\\"))) &- ones
        let control = word &- ones &* 0x20
        return (quote | backslash | control | word) & (ones &* 0x80)
    }

    /// Whether a byte is a printable ASCII character standing for itself.
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x80 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    /// The byte after the escape at `start`, where its backslash is.
    private static func escapeEnd(in text: Span<UInt8>, from start: Int) throws(JSONFault) -> Int {
        guard start + 1 < text.count else { throw JSONFault(.unexpectedEnd, at: text.count) }
        switch text[start + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return start + 2
        case UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"): return start + 2
        case UInt8(ascii: "r"), UInt8(ascii: "t"): return start + 2
        case UInt8(ascii: "u"): return try unicodeEscape(in: text, from: start).end
        default: throw JSONFault(.invalidEscape, at: start)
        }
    }
}
