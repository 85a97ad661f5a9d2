// Parts of both suites, against part.json. The two entries whose clear JSON is wrong wait for the
// reader of clear JSON.

import TallyCore
import TallyCrypto
import TallyTesting
import Testing

/// Sealed and clear parts.
@Suite struct PartVectorTests {
    @Test("sealing gives the vector's bytes", arguments: try Self.vectors(suite: 1))
    func seals(_ vector: VectorEntry) throws {
        let fields = try vector.fields
        let key = try fields.secretKey("key")
        #expect(key.id == (try vector.digest("key_id")))
        let associated = try Self.associated(fields, key)
        #expect(associated == (try vector.bytes("aad")))
        let part = try SealedPart(
            sealing: fields.bytes("plaintext"),
            under: key,
            associated: associated,
            nonce: fields.bytes("nonce")
        )
        #expect(Array(part.ciphertext) == (try fields.bytes("ciphertext_and_tag")))
        #expect(part.encoded() == (try vector.bytes("bytes")))
        #expect(SHA256.hash(part.encoded()) == (try vector.digest("digest")))
    }

    @Test("a sealed part opens to the vector's plaintext", arguments: try Self.vectors(suite: 1))
    func opens(_ vector: VectorEntry) throws {
        let fields = try vector.fields
        let decoded = try Part(decoding: vector.bytes("bytes")[...], kind: fields.numbered("kind"))
        guard case .sealed(let part) = decoded else { throw SuiteMismatch() }
        #expect(part.keyID == (try vector.digest("key_id")))
        #expect(Array(part.nonce) == (try fields.bytes("nonce")))
        #expect(Array(part.ciphertext) == (try fields.bytes("ciphertext_and_tag")))
        let key = try fields.secretKey("key")
        let associated = try Self.associated(fields, key)
        #expect(
            try part.open(with: key, associated: associated) == (try fields.bytes("plaintext"))
        )
        #expect(throws: OpenError.crypto(CryptoError(.authenticationFailed))) {
            try part.open(with: key, associated: associated + [0])
        }
    }

    @Test("a clear part has the vector's bytes", arguments: try Self.vectors(suite: 0))
    func clear(_ vector: VectorEntry) throws {
        let fields = try vector.fields
        let part = Part.clear(Array(try fields.text("canonical_json").utf8))
        let bytes = try vector.bytes("bytes")
        #expect(part.encoded() == bytes)
        #expect(SHA256.hash(bytes) == (try vector.digest("digest")))
        #expect(try Part(decoding: bytes) == part)
        #expect(try Part(decoding: bytes[...], kind: fields.numbered("kind")) == part)
    }

    @Test("a malformed part is refused", arguments: try Self.malformed(withKey: false))
    func refuses(_ entry: VectorEntry) throws {
        let kind = try entry.numbered("kind", as: EventKind.self)
        try expectRefusal(of: entry) { try Part(decoding: $0[...], kind: kind) }
    }

    @Test("a part under another key is not opened", arguments: try Self.malformed(withKey: true))
    func refusesKey(_ entry: VectorEntry) throws {
        guard case .sealed(let part) = try Part(decoding: entry.bytes("bytes")) else {
            throw SuiteMismatch()
        }
        let key = try entry.secretKey("key")
        let associated = entry.has("aad") ? try entry.bytes("aad") : []
        let error = #expect(throws: OpenError.self) {
            try part.open(with: key, associated: associated)
        }
        guard case .format(let refusal) = error else { throw SuiteMismatch() }
        #expect(refusal.code.rawValue == (try entry.text("code")))
    }

    @Test("AES-GCM alone opens one part under two keys, which is why key ids are compared")
    func twoKeys() throws {
        let entry = try #require(VectorFile("part").malformed.first { $0.name == "two_keys" })
        guard case .sealed(let part) = try Part(decoding: entry.bytes("bytes")) else {
            throw SuiteMismatch()
        }
        let plaintexts = try ["key_named", "key"].map { name in
            try entry.secretKey(name)
                .open(part.ciphertext[...], nonce: part.nonce[...], associated: entry.bytes("aad"))
        }
        #expect(Set(plaintexts) == Set(try entry.byteLists("plaintexts")))
        #expect(plaintexts[0] != plaintexts[1])
    }

    private struct SuiteMismatch: Error {}

    private static func associated(_ fields: VectorEntry, _ key: SecretKey) throws -> [UInt8] {
        let place = try PartPlace(
            ledger: fields.identifier("ledger_id"),
            tenant: fields.identifier("tenant"),
            eventID: fields.identifier("event_id"),
            kind: fields.numbered("kind"),
            partCount: fields.integer("part_count")
        )
        return place.associated(index: try fields.integer("index"), keyID: key.id)
    }

    private static func vectors(suite: Int) throws -> [VectorEntry] {
        try VectorFile("part").vectors.filter { try $0.fields.integer("suite") == suite }
    }

    private static func malformed(withKey: Bool) throws -> [VectorEntry] {
        try VectorFile("part").malformed.filter {
            $0.has("key") == withKey && !$0.name.hasPrefix("clear_json")
                && $0.name != "clear_without_json"
        }
    }
}
