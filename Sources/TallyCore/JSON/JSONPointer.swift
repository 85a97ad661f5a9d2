// RFC 6901 pointers, as the reader's errors carry them.
// Built only when a document is refused; the hot path never makes one.

/// A pointer under construction.
struct JSONPointer {
    /// The steps from the inside out, escaped.
    private var steps: [String] = []

    /// The pointer's text; empty for the document itself.
    var text: String { steps.reversed().map { "/" + $0 }.joined() }

    /// Puts a step into an array before the others.
    mutating func prepend(index: Int) {
        steps.append(String(index))
    }

    /// Puts a step into an object before the others, writing `~` as `~0` and `/` as `~1`.
    mutating func prepend(key: JSONString) {
        var step = ""
        for scalar in key.string.unicodeScalars {
            switch scalar {
            case "~": step += "~0"
            case "/": step += "~1"
            default: step.unicodeScalars.append(scalar)
            }
        }
        steps.append(step)
    }

    /// A pointer with the keys that might be personal replaced by `?`.
    static func redacted(_ pointer: String) -> String {
        pointer.utf8
            .split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .dropFirst()
            .map { "/" + (isSchemaName($0) ? String(Substring($0)) : "?") }
            .joined()
    }

    /// Whether a key looks like a name from a schema rather than a piece of data.
    private static func isSchemaName(_ key: Substring.UTF8View) -> Bool {
        guard !key.isEmpty, key.count <= 64 else { return false }
        var digits = 0
        for byte in key {
            digits = isDigit(byte) ? digits + 1 : 0
            guard isNameByte(byte), digits < 8 else { return false }
        }
        return true
    }

    /// Whether a byte is in `[0-9]`.
    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// Whether a byte is in `[A-Za-z0-9_.-]`.
    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        case UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"): true
        default: isDigit(byte)
        }
    }
}
