// The members of an object by their places in the text, for callers that keep values verbatim:
// a value that is passed on as these bytes is the value that was submitted.

/// An object's members, each value a slice of the checked text.
package struct JSONOutline: Sendable {
    /// A key, its escapes resolved, and the bytes of its value without white space around them.
    package typealias Member = (key: ByteText, value: ArraySlice<UInt8>)

    /// The members in the order of the text; keys are unique.
    package let members: [Member]

    /// Reads a document that is an object; `nil` when it is valid but something else.
    ///
    /// - Throws: what ``JSONReader`` refuses, duplicate keys at any depth included.
    package init?(_ text: [UInt8]) throws(JSONError) {
        try JSONReader.check(text)
        let span = text.span
        let start = JSONLexer.spaceEnd(in: span, from: 0)
        guard span[start] == UInt8(ascii: "{") else { return nil }
        do throws(JSONFault) {
            members = try Self.members(text, from: start)
        } catch {
            // Not reached as long as checker and outline walk with the same lexer.
            throw JSONError(code: error.code, pointer: "", offset: error.offset)
        }
    }

    /// The value of a key.
    package subscript(_ key: ByteText) -> ArraySlice<UInt8>? {
        members.first { $0.key == key }?.value
    }

    /// The members of the checked object whose opening bracket is at `start`.
    private static func members(_ text: [UInt8], from start: Int) throws(JSONFault) -> [Member] {
        let span = text.span
        var members: [Member] = []
        var at = JSONLexer.spaceEnd(in: span, from: start + 1)
        while span[at] != UInt8(ascii: "}") {
            if span[at] == UInt8(ascii: ",") { at = JSONLexer.spaceEnd(in: span, from: at + 1) }
            let keyEnd = try JSONLexer.stringEnd(in: span, from: at).end
            let key = try JSONTextSlice(quoted: at, keyEnd, in: span).string(in: span)
            let colon = JSONLexer.spaceEnd(in: span, from: keyEnd)
            let value = JSONLexer.spaceEnd(in: span, from: colon + 1)
            let end = try valueEnd(in: span, from: value)
            members.append((key, text[value..<end]))
            at = JSONLexer.spaceEnd(in: span, from: end)
        }
        return members
    }

    /// The byte after the checked value at `start`.
    private static func valueEnd(in text: Span<UInt8>, from start: Int) throws(JSONFault) -> Int {
        var at = start
        var depth = 0
        repeat {
            switch text[at] {
            case UInt8(ascii: "\""):
                at = try JSONLexer.stringEnd(in: text, from: at).end
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: if depth == 0 { return scalarEnd(in: text, from: at) }
            }
            at += 1
        } while depth > 0
        return at
    }

    /// The byte after the checked number or literal at `start`.
    private static func scalarEnd(in text: Span<UInt8>, from start: Int) -> Int {
        var at = start
        while at < text.count, !isScalarEnd(text[at]) { at += 1 }
        return at
    }

    private static func isScalarEnd(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"): true
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): true
        default: false
        }
    }
}
