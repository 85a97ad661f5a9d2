// Hexadecimal text against RFC 4648, section 10, and what is not hexadecimal.
// Ids, digests and all golden vectors are read through it.

import TallyCrypto
import Testing

/// The form in which ids and digests are typed and shown.
@Suite struct HexTests {
    @Test(
        "published texts",
        arguments: [
            ("", ""), ("f", "66"), ("fo", "666f"), ("foo", "666f6f"), ("foob", "666f6f62"),
            ("fooba", "666f6f6261"), ("foobar", "666f6f626172"),
        ]
    )
    func published(text: String, digits: String) {
        #expect(Hex.encode(text.utf8) == digits)
        #expect(Hex.decode(digits) == Array(text.utf8))
        #expect(Hex.decode(digits.uppercased()) == Array(text.utf8))
    }

    @Test("every byte goes there and back")
    func bytes() {
        let bytes = (0...255).map { UInt8($0) }
        #expect(Hex.decode(Hex.encode(bytes)) == bytes)
    }

    @Test("anything else is refused", arguments: ["0", "0g", "g0", " 00", "0x00", "００", "0\n"])
    func refuses(text: String) {
        #expect(Hex.decode(text) == nil)
    }
}
