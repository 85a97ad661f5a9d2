// The tree of a text the checker has taken.
// Being called after the checker, it neither looks for duplicates nor bounds its recursion: the
// depth is at most `JSONLimits.maximumDepth`.

/// The builder of one document's tree.
struct JSONBuilder {
    /// The next byte to look at.
    private var at = 0

    /// Creates a builder at the start of a text.
    init() {}

    /// Builds the value that is next.
    mutating func value(_ text: Span<UInt8>) throws(JSONFault) -> JSONValue {
        at = JSONLexer.spaceEnd(in: text, from: at)
        switch text[at] {
        case UInt8(ascii: "{"): return .object(try object(text))
        case UInt8(ascii: "["): return .array(try array(text))
        case UInt8(ascii: "\""): return .string(try string(text))
        case UInt8(ascii: "t"): return try literal("true", .bool(true), text)
        case UInt8(ascii: "f"): return try literal("false", .bool(false), text)
        case UInt8(ascii: "n"): return try literal("null", .null, text)
        default: return .number(try number(text))
        }
    }

    /// Builds the object that is next.
    private mutating func object(_ text: Span<UInt8>) throws(JSONFault) -> JSONObject {
        var members: [JSONObject.Member] = []
        while advance(unlessAt: UInt8(ascii: "}"), in: text) {
            let key = try string(text)
            let colon = JSONLexer.spaceEnd(in: text, from: at)
            at = colon + 1
            members.append((key, try value(text)))
        }
        return JSONObject(unique: members)
    }

    /// Builds the array that is next.
    private mutating func array(_ text: Span<UInt8>) throws(JSONFault) -> [JSONValue] {
        var elements: [JSONValue] = []
        while advance(unlessAt: UInt8(ascii: "]"), in: text) {
            elements.append(try value(text))
        }
        return elements
    }

    /// Steps past an opening bracket or a comma to a member, or past the closing bracket.
    private mutating func advance(unlessAt closing: UInt8, in text: Span<UInt8>) -> Bool {
        at = JSONLexer.spaceEnd(in: text, from: at)
        if text[at] != closing { at = JSONLexer.spaceEnd(in: text, from: at + 1) }
        guard text[at] == closing else { return true }
        at += 1
        return false
    }

    /// Builds the string that is next.
    private mutating func string(_ text: Span<UInt8>) throws(JSONFault) -> JSONString {
        let end = try JSONLexer.stringEnd(in: text, from: at).end
        defer { at = end }
        return try JSONTextSlice(quoted: at, end, in: text).string(in: text)
    }

    /// Builds the number that is next.
    private mutating func number(_ text: Span<UInt8>) throws(JSONFault) -> JSONNumber {
        let end = try JSONLexer.numberEnd(in: text, from: at)
        defer { at = end }
        return JSONNumber(checked: try JSONTextSlice.verbatim(text.extracting(at..<end)))
    }

    /// Steps past a literal.
    private mutating func literal(
        _ literal: String,
        _ value: JSONValue,
        _ text: Span<UInt8>
    ) throws(JSONFault) -> JSONValue {
        at = try JSONLexer.literalEnd(literal, in: text, from: at)
        return value
    }
}
