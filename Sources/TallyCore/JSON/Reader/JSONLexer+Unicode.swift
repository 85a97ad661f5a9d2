// The characters beyond ASCII in a JSON string: \u escapes and UTF-8 sequences.
// The lexer checks them with these functions, and the unescaper decodes the escapes with the same.

extension JSONLexer {
    /// The character of the `\u` escape at `start`, a surrogate pair being one character.
    static func unicodeEscape(
        in text: Span<UInt8>,
        from start: Int
    ) throws(JSONFault) -> (scalar: Unicode.Scalar, end: Int) {
        let unit = try codeUnit(in: text, from: start + 2)
        guard unit != 0 else { throw JSONFault(.nullCharacter, at: start) }
        if let scalar = Unicode.Scalar(unit) { return (scalar, start + 6) }
        guard unit < 0xDC00, start + 7 < text.count,
            text[start + 6] == UInt8(ascii: "\\"), text[start + 7] == UInt8(ascii: "u")
        else { throw JSONFault(.loneSurrogate, at: start) }
        let low = try codeUnit(in: text, from: start + 8)
        guard (0xDC00...0xDFFF).contains(low),
            let scalar = Unicode.Scalar(
                0x10000 + UInt32(unit - 0xD800) << 10 + UInt32(low - 0xDC00)
            )
        else { throw JSONFault(.loneSurrogate, at: start) }
        return (scalar, start + 12)
    }

    /// The four hexadecimal digits at `start` as a number.
    private static func codeUnit(
        in text: Span<UInt8>,
        from start: Int
    ) throws(JSONFault) -> UInt16 {
        var unit: UInt16 = 0
        for at in start..<start + 4 {
            guard at < text.count else { throw JSONFault(.unexpectedEnd, at: text.count) }
            guard let digit = hexDigit(text[at]) else { throw JSONFault(.invalidEscape, at: at) }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }

    /// The value of a hexadecimal digit of either case.
    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// The byte after the UTF-8 sequence at `start`, where its first byte is.
    static func sequenceEnd(in text: Span<UInt8>, from start: Int) throws(JSONFault) -> Int {
        guard let shape = sequenceShape(text[start]), start + shape.length <= text.count,
            shape.second.contains(text[start + 1])
        else { throw JSONFault(.invalidUTF8, at: start) }
        for at in start + 2..<max(start + 2, start + shape.length) {
            guard (0x80...0xBF).contains(text[at]) else { throw JSONFault(.invalidUTF8, at: start) }
        }
        return start + shape.length
    }

    /// How long the sequence of a first byte is, and which bytes may come second.
    ///
    /// Unicode's table 3-7: the narrower ranges leave out overlong forms, surrogates and what is
    /// beyond U+10FFFF.
    private static func sequenceShape(
        _ first: UInt8
    ) -> (length: Int, second: ClosedRange<UInt8>)? {
        switch first {
        case 0xC2...0xDF: (2, 0x80...0xBF)
        case 0xE0: (3, 0xA0...0xBF)
        case 0xED: (3, 0x80...0x9F)
        case 0xE1...0xEF: (3, 0x80...0xBF)
        case 0xF0: (4, 0x90...0xBF)
        case 0xF1...0xF3: (4, 0x80...0xBF)
        case 0xF4: (4, 0x80...0x8F)
        default: nil
        }
    }
}
