// Swift source without its comments and literals, so that a simple scan can trust every brace and
// every word it meets. Lines stay where they are. Regex literals between bare slashes are not
// recognised: write them between #/ and /#.

/// Blanks what is not code.
struct SwiftText {
    private static let quote = UInt8(ascii: "\"")
    private static let hash = UInt8(ascii: "#")
    private static let newline = UInt8(ascii: "\n")
    private static let backslash = UInt8(ascii: "\\")
    private static let slash = UInt8(ascii: "/")
    private static let star = UInt8(ascii: "*")

    private var bytes: [UInt8]
    private var index = 0

    private init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// The code of a source text: comments and the contents of literals are spaces.
    ///
    /// Code inside an interpolation stays, since its parentheses and braces are balanced.
    static func code(_ text: String) -> String {
        var scanner = SwiftText(text)
        scanner.skipCode(inInterpolation: false)
        return String(decoding: scanner.bytes, as: UTF8.self)
    }

    private func byte(_ offset: Int = 0) -> UInt8? {
        index + offset < bytes.count ? bytes[index + offset] : nil
    }

    /// Replaces the next byte with a space and moves on; lines stay.
    private mutating func blank(_ count: Int = 1) {
        for _ in 0..<count where index < bytes.count {
            if bytes[index] != Self.newline { bytes[index] = UInt8(ascii: " ") }
            index += 1
        }
    }

    /// Ends at the end of the text, or before the parenthesis that ends an interpolation.
    private mutating func skipCode(inInterpolation: Bool) {
        var depth = 0
        while let next = byte() {
            switch next {
            case Self.slash where byte(1) == Self.slash: blankLine()
            case Self.slash where byte(1) == Self.star: blankComment()
            case Self.quote, Self.hash: skipLiteral()
            case UInt8(ascii: "`"): blankName()
            case UInt8(ascii: ")") where inInterpolation && depth == 0: return
            default:
                if next == UInt8(ascii: "(") { depth += 1 }
                if next == UInt8(ascii: ")") { depth -= 1 }
                index += 1
            }
        }
    }

    private mutating func blankLine() {
        while let next = byte(), next != Self.newline { blank() }
    }

    private mutating func blankComment() {
        var depth = 0
        while byte() != nil {
            switch (byte(), byte(1)) {
            case (Self.slash, Self.star):
                depth += 1
                blank(2)
            case (Self.star, Self.slash):
                depth -= 1
                blank(2)
                if depth == 0 { return }
            default: blank()
            }
        }
    }

    private mutating func blankName() {
        blank()
        while let next = byte(), next != UInt8(ascii: "`"), next != Self.newline { blank() }
        blank()
    }

    /// Skips a string of any kind, or the hashes of something else.
    private mutating func skipLiteral() {
        var hashes = 0
        while byte(hashes) == Self.hash { hashes += 1 }
        guard byte(hashes) == Self.quote || byte(hashes) == Self.slash else {
            index += hashes
            return
        }
        let isLong = (0..<3).allSatisfy { byte(hashes + $0) == Self.quote }
        let delimiter = byte(hashes) ?? Self.quote
        let ending = [UInt8](repeating: delimiter, count: isLong ? 3 : 1)
        let closing = ending + [UInt8](repeating: Self.hash, count: hashes)
        blank(closing.count)
        blankContent(closing, hashes: hashes, isLong: isLong)
    }

    private mutating func blankContent(_ closing: [UInt8], hashes: Int, isLong: Bool) {
        while let next = byte() {
            if closing.indices.allSatisfy({ byte($0) == closing[$0] }) {
                return blank(closing.count)
            }
            if next == Self.newline, !isLong { return }
            let isEscape =
                next == Self.backslash && (0..<hashes).allSatisfy { byte(1 + $0) == Self.hash }
            guard isEscape else {
                blank()
                continue
            }
            blank(1 + hashes)
            let opensCode = byte() == UInt8(ascii: "(")
            blank()
            guard opensCode else { continue }
            skipCode(inInterpolation: true)
            blank()
        }
    }
}
