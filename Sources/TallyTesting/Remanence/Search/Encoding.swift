// The forms in which the same bytes may lie in a file, a dump or a log.

internal import Foundation
internal import TallyCrypto

/// How bytes were written down.
package enum Encoding: String, Sendable, CaseIterable {
    case raw, base64
    case hex, upperHex = "hex in capitals"
    case utf16LittleEndian = "UTF-16LE"
    case utf16BigEndian = "UTF-16BE"
    /// As PostgreSQL shows a `bytea` with UTF-16 in it.
    case hexOfUTF16LittleEndian = "hex of UTF-16LE"
    case hexOfUTF16BigEndian = "hex of UTF-16BE"

    /// One way in which given bytes come out, wherever they stand in a longer text.
    struct Pattern: Sendable {
        let encoding: Encoding
        /// How many bytes come before the first whole group of base64; as many of the pattern's
        /// characters do, because one that also belongs to a stranger's byte is left out.
        let lead: Int
        let bytes: [UInt8]
    }

    /// All ways in which `bytes` come out.
    func patterns(of bytes: [UInt8]) -> [Pattern] {
        let whole: [UInt8]
        switch self {
        case .raw: whole = bytes
        case .hex: whole = Array(Hex.encode(bytes).utf8)
        case .upperHex: whole = Array(Hex.encode(bytes).uppercased().utf8)
        case .utf16LittleEndian: whole = bytes.flatMap { [$0, 0] }
        case .utf16BigEndian: whole = bytes.flatMap { [0, $0] }
        case .hexOfUTF16LittleEndian: whole = Array(Hex.encode(bytes.flatMap { [$0, 0] }).utf8)
        case .hexOfUTF16BigEndian: whole = Array(Hex.encode(bytes.flatMap { [0, $0] }).utf8)
        case .base64: return (0..<3).flatMap { Self.base64(bytes, after: $0) }
        }
        return [Pattern(encoding: self, lead: 0, bytes: whole)]
    }

    /// The characters that belong to `bytes` alone when so many others stand before them in their
    /// group of three, in the alphabet of RFC 4648 and, where it differs, in that of URLs.
    private static func base64(_ bytes: [UInt8], after before: Int) -> [Pattern] {
        let text = Data([UInt8](repeating: 0, count: before) + bytes).base64EncodedString()
        let first = (8 * before + 5) / 6
        let last = 8 * (before + bytes.count) / 6
        let standard = Array(text.utf8)[first..<last]
        let url = standard.map { byte in
            switch byte {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            default: byte
            }
        }
        let forms = Array(standard) == url ? [url] : [Array(standard), url]
        return forms.map { Pattern(encoding: .base64, lead: (3 - before) % 3, bytes: $0) }
    }
}
