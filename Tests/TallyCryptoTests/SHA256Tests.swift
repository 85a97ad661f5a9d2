// SHA-256 against the examples of FIPS 180-2, appendix B.
// Then through every way of feeding it, which must all give the same.

import TallyCrypto
import Testing

/// The hash of everything the chain commits to.
@Suite struct SHA256Tests {
    @Test(
        "published messages have their published digests",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ]
    )
    func published(message: String, digest: String) {
        #expect(SHA256.hash(Array(message.utf8)).hex == digest)
    }

    @Test("a million times the letter a, in pieces of any size", arguments: [1_000_000, 1000, 997])
    func million(step: Int) {
        let piece = [UInt8](repeating: UInt8(ascii: "a"), count: step)
        var hash = SHA256()
        var left = 1_000_000
        while left >= step {
            hash.update(piece)
            left -= step
        }
        hash.update(piece.prefix(left))
        let digest = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        #expect(hash.finalize().hex == digest)
    }

    @Test("arrays, slices, bytes and digests are fed alike, and a computation starts again")
    func feeding() throws {
        let bytes = (0..<64).map { UInt8($0) }
        let expected = SHA256.hash(bytes)
        var hash = SHA256()
        hash.update(bytes)
        #expect(hash.finalize() == expected)
        hash.update(bytes[..<20])
        hash.update(bytes[20...])
        #expect(hash.finalize() == expected)
        for byte in bytes { hash.update(byte) }
        #expect(hash.finalize() == expected)
        hash.update(try #require(Digest(bytes.prefix(32))))
        hash.update(try #require(Digest(bytes.suffix(32))))
        #expect(hash.finalize() == expected)
        #expect(hash.finalize() == SHA256.hash([]))
    }

    @Test("a digest has 32 bytes and shows them in hexadecimal")
    func digest() {
        let bytes = (0..<32).map { UInt8($0) * 8 }
        #expect(Digest(bytes)?.bytes == bytes)
        #expect(Digest(bytes)?.hex == Hex.encode(bytes))
        #expect(Digest(bytes.dropLast()) == nil)
        #expect(Digest(bytes + [0]) == nil)
        #expect(Digest.zero.bytes == [UInt8](repeating: 0, count: 32))
    }
}
