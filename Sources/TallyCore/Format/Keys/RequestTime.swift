// The time that some request ids begin with. Events that keep it lie beside those of the same time
// in the index of ids, whose newest pages are then the only ones that appends touch.

/// The milliseconds since 1970 of a UUID of version 7 (RFC 9562) or of a ULID.
struct RequestTime {
    /// 48 bits, big-endian.
    let bytes: [UInt8]

    /// Reads the time; `nil` where the id is of another form.
    init?(_ id: String) {
        let text = Array(id.utf8)
        switch text.count {
        case 36: self.init(uuid: text)
        case 26: self.init(ulid: text)
        default: return nil
        }
    }

    /// 8-4-4-4-12 hexadecimal digits of either case, of version 7 and variant 10.
    private init?(uuid text: [UInt8]) {
        for (index, character) in text.enumerated() {
            if [8, 13, 18, 23].contains(index) {
                guard character == UInt8(ascii: "-") else { return nil }
            } else {
                guard Self.digit(character, in: Self.hexadecimal) != nil else { return nil }
            }
        }
        guard text[14] == UInt8(ascii: "7"),
            let variant = Self.digit(text[19], in: Self.hexadecimal), variant >> 2 == 2
        else { return nil }
        self.init((text[0..<8] + text[9..<13]), in: Self.hexadecimal, bits: 4)
    }

    /// 26 digits of Crockford's base 32, of either case, the first of them up to 7.
    private init?(ulid text: [UInt8]) {
        guard text.allSatisfy({ Self.digit($0, in: Self.crockford) != nil }),
            text[0] <= UInt8(ascii: "7")
        else { return nil }
        self.init(text[0..<10], in: Self.crockford, bits: 5)
    }

    private init?(_ digits: ArraySlice<UInt8>, in alphabet: StaticString, bits: UInt64) {
        var time: UInt64 = 0
        for character in digits {
            guard let digit = Self.digit(character, in: alphabet) else { return nil }
            time = time << bits | digit
        }
        bytes = withUnsafeBytes(of: time.bigEndian) { [UInt8]($0.suffix(6)) }
    }

    private static let hexadecimal: StaticString = "0123456789ABCDEF"
    private static let crockford: StaticString = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

    /// The value of a digit, whose letters may be small.
    private static func digit(_ character: UInt8, in alphabet: StaticString) -> UInt64? {
        let isSmall = UInt8(ascii: "a")...UInt8(ascii: "z") ~= character
        let large = isSmall ? character - 32 : character
        return alphabet.withUTF8Buffer { $0.firstIndex(of: large).map { UInt64($0) } }
    }
}
