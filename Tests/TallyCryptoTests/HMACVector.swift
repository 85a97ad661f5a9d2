// The cases of RFC 4231 for HMAC-SHA-256: keys shorter than 32 bytes, and keys longer than a block.
// Case 5 truncates the code to 128 bits, so only those are compared.

import Testing

/// One case of RFC 4231, section 4.
struct HMACVector: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let key: [UInt8]
    let data: [UInt8]
    let code: String

    init(_ number: Int, _ key: [UInt8], _ data: [UInt8], _ code: String) {
        testDescription = "case \(number)"
        self.key = key
        self.data = data
        self.code = code
    }

    static let published = [
        HMACVector(
            1,
            repeated(0x0B, 20),
            Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        HMACVector(
            2,
            Array("Jefe".utf8),
            Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        HMACVector(
            3,
            repeated(0xAA, 20),
            repeated(0xDD, 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        HMACVector(
            4,
            Array(1...25),
            repeated(0xCD, 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        ),
        HMACVector(
            5,
            repeated(0x0C, 20),
            Array("Test With Truncation".utf8),
            "a3b6167473100ee06e0c796c2955552b"
        ),
        HMACVector(
            6,
            repeated(0xAA, 131),
            Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        HMACVector(
            7,
            repeated(0xAA, 131),
            Array(largeData.utf8),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        ),
    ]

    private static let largeData =
        "This is a test using a larger than block-size key and a larger than block-size data. "
        + "The key needs to be hashed before being used by the HMAC algorithm."

    private static func repeated(_ byte: UInt8, _ count: Int) -> [UInt8] {
        [UInt8](repeating: byte, count: count)
    }
}
