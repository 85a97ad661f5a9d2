// AES-256-GCM against published vectors: test cases 13 to 16 of McGrew and Viega, which NIST's
// submission of GCM carries, and two of NIST's gcmEncryptExtIV256.rsp.

import TallyCrypto
import Testing

/// The cipher of suite 1.
@Suite struct AESGCMTests {
    @Test("published plaintexts are sealed as published", arguments: AESGCMVector.published)
    func seals(_ vector: AESGCMVector) throws {
        var key = try vector.bytes(\.key)
        let sealed = try AESGCM.seal(
            vector.bytes(\.plaintext),
            key: SecretBytes(consuming: &key),
            nonce: vector.bytes(\.nonce),
            associated: vector.bytes(\.associated)
        )
        #expect(Hex.encode(sealed) == vector.ciphertext + vector.tag)
    }

    @Test("published ciphertexts open as published", arguments: AESGCMVector.published)
    func opens(_ vector: AESGCMVector) throws {
        let sealed = try vector.bytes(\.ciphertext) + vector.bytes(\.tag)
        #expect(try vector.open(sealed) == (try vector.bytes(\.plaintext)))
    }

    @Test("nothing opens that differs in one bit", arguments: AESGCMVector.published)
    func tampering(_ vector: AESGCMVector) throws {
        let refusal = CryptoError(.authenticationFailed)
        let sealed = try vector.bytes(\.ciphertext) + vector.bytes(\.tag)
        for index in sealed.indices {
            var altered = sealed
            altered[index] ^= 1 << UInt8(index % 8)
            #expect(throws: refusal) { try vector.open(altered) }
        }
        for field in [\AESGCMVector.key, \.nonce] {
            var other = vector
            other[keyPath: field] = "01" + vector[keyPath: field].dropFirst(2)
            guard other[keyPath: field] != vector[keyPath: field] else { continue }
            #expect(throws: refusal) { try other.open(sealed) }
        }
        var other = vector
        other.associated += "00"
        #expect(throws: refusal) { try other.open(sealed) }
    }

    @Test("what is shorter than a tag is truncated", arguments: 0..<16)
    func truncated(count: Int) throws {
        let vector = try #require(AESGCMVector.published.first)
        let sealed = [UInt8](repeating: 0, count: count)
        #expect(throws: CryptoError(.truncated)) { try vector.open(sealed) }
    }
}
