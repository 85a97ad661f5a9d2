// Ed25519 against ed25519.json: the signatures of RFC 8032, section 7.1, and some that are none.
// Keys come from PEM texts, as operators keep them.

import Foundation
import TallyCrypto
import TallyTesting
import Testing

/// What operators sign with.
@Suite struct Ed25519Tests {
    /// What DER puts before the 32 bytes of a private key (RFC 8410).
    private static let privatePrefix = "302e020100300506032b657004220420"
    /// What it puts before those of a public one.
    private static let publicPrefix = "302a300506032b6570032100"

    private static func pem(_ prefix: String, _ key: [UInt8], _ label: String) -> [UInt8] {
        let text = Data((Hex.decode(prefix) ?? []) + key).base64EncodedString()
        return Array("-----BEGIN \(label)-----\n\(text)\n-----END \(label)-----\n".utf8)
    }

    private static func privatePEM(_ seed: [UInt8]) -> [UInt8] {
        pem(privatePrefix, seed, "PRIVATE KEY")
    }

    @Test("the RFC's keys make the RFC's signatures", arguments: try VectorFile("ed25519").vectors)
    func signs(_ vector: VectorEntry) throws {
        guard try vector.fields.has("seed") else { return }
        let key = try Ed25519PrivateKey(pem: Self.privatePEM(vector.fields.bytes("seed")))
        #expect(try key.publicKey.bytes == vector.fields.bytes("public_key"))
        let signature = try key.sign(vector.fields.bytes("message"))
        #expect(try signature == vector.fields.bytes("signature"))
    }

    @Test("a signature verifies as the vector says", arguments: try VectorFile("ed25519").vectors)
    func verifies(_ vector: VectorEntry) throws {
        let key = try #require(try Ed25519PublicKey(vector.fields.bytes("public_key")))
        let verdict = try key.verifies(
            vector.fields.bytes("signature"),
            of: vector.fields.bytes("message")
        )
        #expect(try verdict == vector.flag("verifies"))
    }

    @Test("a public key is read from its PEM text", arguments: try VectorFile("ed25519").vectors)
    func readsPublicKey(_ vector: VectorEntry) throws {
        let bytes = try vector.fields.bytes("public_key")
        let key = try Ed25519PublicKey(pem: Self.pem(Self.publicPrefix, bytes, "PUBLIC KEY"))
        #expect(key.bytes == bytes)
    }

    @Test("what is no Ed25519 key in PEM form is refused as one")
    func refusesOtherFiles() {
        let seed = [UInt8](repeating: 7, count: 32)
        // X25519 differs in the last byte of its identifier, and must not be taken for a signing
        // key.
        let exchange = Self.pem("302e020100300506032b656e04220420", seed, "PRIVATE KEY")
        let publicKey = Self.pem(Self.publicPrefix, seed, "PUBLIC KEY")
        for text in [[], Array("no key".utf8), seed, exchange, publicKey] {
            #expect(throws: CryptoError(.keyFile)) { _ = try Ed25519PrivateKey(pem: text) }
        }
        for text in [[], seed, exchange, Self.privatePEM(seed)] {
            #expect(throws: CryptoError(.keyFile)) { _ = try Ed25519PublicKey(pem: text) }
        }
        #expect(throws: CryptoError(.keyFile)) {
            _ = try Ed25519PrivateKey(pem: Self.privatePEM(Array(seed.dropLast())))
        }
    }

    @Test("a public key has 32 bytes", arguments: [0, 31, 33, 64])
    func refusesLength(_ count: Int) {
        #expect(Ed25519PublicKey([UInt8](repeating: 1, count: count)) == nil)
    }

    @Test("random keys differ, and each verifies its own signatures only")
    func random() throws {
        let (one, other) = try (Ed25519PrivateKey(), Ed25519PrivateKey())
        let message = Array("decide".utf8)
        let signature = try one.sign(message)
        #expect(try one.publicKey.verifies(signature, of: message))
        #expect(try !other.publicKey.verifies(signature, of: message))
        #expect(try !one.publicKey.verifies(signature, of: message + [0]))
    }

    @Test func aKeyIsAPointOfTheCurve() throws {
        let points = try (0..<24).filter { y in
            try #require(Ed25519PublicKey([y] + [UInt8](repeating: 0, count: 31))).isPoint
        }
        // As Python has it; 0 and 1 are points of small orders.
        #expect(points == [3, 4, 5, 6, 9, 10, 14, 15, 16, 18, 19, 21, 23])
        #expect(try Ed25519PrivateKey().publicKey.isPoint)
    }

    @Test(arguments: [
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000080",
        // 3 + p and p: the same points in another form.
        "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ])
    func pointsOfSmallOrderAndOtherFormsAreNone(text: String) throws {
        let key = try #require(Hex.decode(text).flatMap { Ed25519PublicKey($0) })
        #expect(!key.isPoint)
    }
}
