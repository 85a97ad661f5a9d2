// Reads bytes back from hexadecimal digits or base64 of any provenance: broken into lines, in
// either alphabet, and cut off anywhere.

/// Bytes from digits.
enum TextDigits {
    /// Reads digits of 4 bits (either case) or 6 bits up to the first character that is none.
    ///
    /// Line breaks between them do not count, be they real or the two characters `\n` of a dump.
    static func decode(
        _ text: Slice<UnsafeRawBufferPointer>,
        bits: Int,
        limit: Int
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        var (held, count) = (0, 0)
        var rest = text
        while bytes.count < limit, let character = rest.popFirst() {
            switch character {
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"): continue
            case UInt8(ascii: "\\") where rest.first == UInt8(ascii: "n"):
                rest.removeFirst()
                continue
            default: break
            }
            guard let digit = bits == 4 ? hex(character) : sextet(character) else {
                return bytes
            }
            held = (held << bits | digit) & 0xffff
            count += bits
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: held >> count))
            }
        }
        return bytes
    }

    private static func hex(_ character: UInt8) -> Int? {
        Character(UnicodeScalar(character)).hexDigitValue
    }

    private static func sextet(_ character: UInt8) -> Int? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
