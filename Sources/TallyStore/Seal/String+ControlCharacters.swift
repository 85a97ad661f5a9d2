// Names are shown in terminals and logs: nothing in them may steer those.

extension String {
    /// Whether a character of Unicode's category Cc is in it: U+0000 to U+001F, U+007F to U+009F.
    var hasControlCharacter: Bool {
        var before: UInt8 = 0
        for byte in utf8 {
            if byte < 0x20 || byte == 0x7f || (before == 0xc2 && byte < 0xa0) { return true }
            before = byte
        }
        return false
    }
}
