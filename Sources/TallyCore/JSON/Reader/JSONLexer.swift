// Where the tokens of a JSON text end: white space, literals and numbers; strings are next door.
// The checker and the builder walk the same text with these functions, so they cannot disagree
// about what a token is.

/// The tokens of a JSON text.
enum JSONLexer {
    /// The first byte that is not white space.
    ///
    /// Inlined like the walk itself, so that the position stays in a register.
    @inline(__always)
    static func spaceEnd(in text: Span<UInt8>, from start: Int) -> Int {
        var at = start
        while at < text.count, isSpace(text[at]) { at += 1 }
        return at
    }

    /// Refuses anything but a certain byte.
    @inline(__always)
    static func expect(_ byte: UInt8, in text: Span<UInt8>, at: Int) throws(JSONFault) {
        guard at < text.count else { throw JSONFault(.unexpectedEnd, at: at) }
        guard text[at] != byte else { return }
        throw JSONFault(text[at] == 0 ? .nullCharacter : .invalidSyntax, at: at)
    }

    /// The byte after a literal such as `true`, which must be at `start`.
    static func literalEnd(
        _ literal: String,
        in text: Span<UInt8>,
        from start: Int
    ) throws(JSONFault) -> Int {
        var at = start
        for letter in literal.utf8 {
            guard at < text.count else { throw JSONFault(.unexpectedEnd, at: at) }
            guard text[at] == letter else { throw JSONFault(.invalidSyntax, at: at) }
            at += 1
        }
        return at
    }

    /// The byte after the number at `start`.
    static func numberEnd(in text: Span<UInt8>, from start: Int) throws(JSONFault) -> Int {
        var at = start
        if at < text.count, text[at] == UInt8(ascii: "-") { at += 1 }
        at = try integerEnd(in: text, from: at)
        if at < text.count, text[at] == UInt8(ascii: ".") {
            at = try digitsEnd(in: text, from: at + 1)
        }
        // Setting this bit makes a letter lower-case.
        if at < text.count, text[at] | 0x20 == UInt8(ascii: "e") {
            at = try exponentEnd(in: text, from: at + 1)
        }
        guard at - start <= JSONLimits.maximumNumberLength else {
            throw JSONFault(.numberTooLong, at: start)
        }
        return at
    }

    /// The byte after the digits at `start`, which are one zero or do not begin with one.
    private static func integerEnd(
        in text: Span<UInt8>,
        from start: Int
    ) throws(JSONFault) -> Int {
        let end = try digitsEnd(in: text, from: start)
        guard text[start] != UInt8(ascii: "0") || end == start + 1 else {
            throw JSONFault(.invalidNumber, at: start + 1)
        }
        return end
    }

    /// The byte after the exponent at `start`, where its sign or first digit is.
    private static func exponentEnd(
        in text: Span<UInt8>,
        from start: Int
    ) throws(JSONFault) -> Int {
        guard start < text.count else { throw JSONFault(.unexpectedEnd, at: start) }
        let isSigned = text[start] == UInt8(ascii: "+") || text[start] == UInt8(ascii: "-")
        return try digitsEnd(in: text, from: isSigned ? start + 1 : start)
    }

    /// The byte after the digits at `start`, of which there is at least one.
    private static func digitsEnd(
        in text: Span<UInt8>,
        from start: Int
    ) throws(JSONFault) -> Int {
        var at = start
        while at < text.count, isDigit(text[at]) { at += 1 }
        guard at == start else { return at }
        throw JSONFault(at < text.count ? .invalidNumber : .unexpectedEnd, at: at)
    }

    /// Whether a byte is one of JSON's four white space characters.
    private static func isSpace(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): true
        default: false
        }
    }

    /// Whether a byte is in `[0-9]`.
    private static func isDigit(_ byte: UInt8) -> Bool {
        byte &- UInt8(ascii: "0") < 10
    }
}
