// Key ids, which are HKDF-SHA-256 of keys, against key_id.json. RFC 5869 has no case with a key of
// 32 bytes and without salt, so these stand for it.

import TallyCrypto
import TallyTesting
import Testing

/// Keys and the ids that commit to them.
@Suite struct KeyIDTests {
    @Test("a key has the vector's id", arguments: try VectorFile("key_id").vectors)
    func ids(_ vector: VectorEntry) throws {
        let key = try vector.fields.secretKey("key")
        #expect(key.id == (try vector.digest("id")))
        #expect(key.withBytes { [UInt8]($0) } == (try vector.bytes("bytes")))
    }

    @Test("a key of another length is refused", arguments: try VectorFile("key_id").malformed)
    func refuses(_ entry: VectorEntry) throws {
        #expect(try entry.text("code") == "length")
        var bytes = try entry.bytes("bytes")
        let given = bytes
        #expect(throws: CryptoError(.keyLength)) { _ = try SecretBytes(consuming: &bytes) }
        #expect(bytes == given)
    }

    @Test("a key's array is zeroed when the key takes it over")
    func zeroes() throws {
        var bytes = SecureRandom.bytes(SecretBytes.byteCount)
        let given = bytes
        let key = try SecretKey(SecretBytes(consuming: &bytes))
        #expect(bytes == [UInt8](repeating: 0, count: SecretBytes.byteCount))
        #expect(key.withBytes { [UInt8]($0) } == given)
    }

    @Test("random keys differ")
    func random() throws {
        let ids = try (0..<100).map { _ in try SecretKey.random().id }
        #expect(Set(ids).count == ids.count)
    }
}
