// The one way a JSON value is written: the bytes of folded documents and clear parts.
// Hashes and signatures cover these bytes, so equal values always give the same ones.

extension JSONValue {
    /// The canonical bytes of the value.
    ///
    /// Keys are sorted by their UTF-8 bytes, there is no white space, numbers are verbatim, and
    /// strings escape only what JSON requires, each in its shortest form.
    package func canonical() -> [UInt8] {
        var writer = JSONCanonicalWriter()
        writer.append(self)
        return writer.bytes
    }
}

/// The writer of one value's canonical bytes.
struct JSONCanonicalWriter {
    /// What is written so far.
    private(set) var bytes: [UInt8] = []

    /// Writes a value.
    mutating func append(_ value: JSONValue) {
        switch value {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .number(let value): bytes.append(contentsOf: value.text.utf8)
        case .string(let value): append(value)
        case .array(let value): append(value)
        case .object(let value): append(value)
        }
    }

    /// Writes an array.
    private mutating func append(_ array: [JSONValue]) {
        bytes.append(UInt8(ascii: "["))
        for (position, element) in array.enumerated() {
            if position > 0 { bytes.append(UInt8(ascii: ",")) }
            append(element)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    /// Writes an object, its keys sorted.
    private mutating func append(_ object: JSONObject) {
        bytes.append(UInt8(ascii: "{"))
        let sorted = object.members.sorted { $0.key < $1.key }
        for (position, member) in sorted.enumerated() {
            if position > 0 { bytes.append(UInt8(ascii: ",")) }
            append(member.key)
            bytes.append(UInt8(ascii: ":"))
            append(member.value)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// Writes a string.
    private mutating func append(_ string: JSONString) {
        bytes.append(UInt8(ascii: "\""))
        for byte in string.string.utf8 {
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                appendEscape(of: byte)
            } else {
                bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes the shortest escape of a byte.
    private mutating func appendEscape(of byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        case 0..<0x20:
            bytes.append(contentsOf: (byte < 0x10 ? "u000" : "u00").utf8)
            bytes.append(contentsOf: String(byte, radix: 16).utf8)
        default: bytes.append(byte)
        }
    }
}

extension JSONValue {
    /// The number of ``canonical()``'s bytes, without writing them.
    ///
    /// - Complexity: O(n).
    package var canonicalByteCount: Int {
        switch self {
        case .null: 4
        case .bool(let value): value ? 4 : 5
        case .number(let value): value.text.utf8.count
        case .string(let value): value.canonicalByteCount
        case .array(let items):
            items.reduce(2 + max(0, items.count - 1)) { $0 + $1.canonicalByteCount }
        case .object(let object):
            object.members.reduce(2 + max(0, object.count - 1)) {
                $0 + $1.key.canonicalByteCount + 1 + $1.value.canonicalByteCount
            }
        }
    }
}

extension JSONString {
    fileprivate var canonicalByteCount: Int {
        string.utf8.reduce(2) { sum, byte in
            switch byte {
            case 0x08, 0x09, 0x0A, 0x0C, 0x0D, UInt8(ascii: "\""), UInt8(ascii: "\\"): sum + 2
            case 0..<0x20: sum + 6
            default: sum + 1
            }
        }
    }
}
