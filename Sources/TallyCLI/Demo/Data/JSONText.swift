// Writes the small JSON texts of the demo's events.
// Values are texts already, so that a number keeps the digits it has in its file.

/// Writers of JSON text (RFC 8259).
enum JSONText {
    /// An object of members whose values are JSON texts, in the order given.
    static func object(_ members: [(key: String, json: String)]) -> String {
        var text = "{"
        for member in members {
            if text.utf8.count > 1 { text += "," }
            text += string(member.key)
            text += ":"
            text += member.json
        }
        return text + "}"
    }

    /// An object with one member.
    static func object(_ key: String, _ json: String) -> String {
        object([(key, json)])
    }

    /// A field of a file: a number where it is written as JSON writes one, else a string.
    static func scalar(_ field: String) -> String {
        isNumber(field) ? field : string(field)
    }

    /// A string, quoted and escaped.
    static func string(_ text: String) -> String {
        guard text.utf8.contains(where: needsEscape) else { return "\"\(text)\"" }
        var escaped = "\""
        for scalar in text.unicodeScalars {
            escaped += escape(scalar)
        }
        return escaped + "\""
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\"": "\\\""
        case "\\": "\\\\"
        case "\0"..<"\u{10}": "\\u000\(String(scalar.value, radix: 16))"
        case "\u{10}"..<" ": "\\u00\(String(scalar.value, radix: 16))"
        default: String(scalar)
        }
    }

    /// Whether a text is a JSON number without an exponent.
    private static func isNumber(_ text: String) -> Bool {
        var bytes = text.utf8.makeIterator()
        var byte = bytes.next()
        if byte == UInt8(ascii: "-") { byte = bytes.next() }
        guard isDigit(byte) else { return false }
        let isZero = byte == UInt8(ascii: "0")
        byte = bytes.next()
        while !isZero, isDigit(byte) { byte = bytes.next() }
        guard byte == UInt8(ascii: ".") else { return byte == nil }
        byte = bytes.next()
        guard isDigit(byte) else { return false }
        while isDigit(byte) { byte = bytes.next() }
        return byte == nil
    }

    private static func isDigit(_ byte: UInt8?) -> Bool {
        guard let byte else { return false }
        return byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }
}
