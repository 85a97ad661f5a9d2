// Tenants' names at rest, against tenant_name.json: the blind tag, the sealed name, and the digest
// that ties both to the tenant's chain.

import TallyCore
import TallyCrypto
import TallyTesting
import Testing

/// Sealed names of tenants and what the genesis event says of them.
@Suite struct TenantNameVectorTests {
    @Test("sealing gives the vector's bytes", arguments: try VectorFile("tenant_name").vectors)
    func seals(_ vector: VectorEntry) throws {
        let fields = try vector.fields
        let name = try fields.text("name")
        let tag = try IndexKey(fields.secretKey("index_key")).tag(.tenant, name)
        #expect(tag == (try vector.identifier("name_tag")))
        let plaintext = TenantName.encode(name)
        #expect(plaintext == (try vector.bytes("padded")))
        let key = try fields.secretKey("key")
        #expect(key.id == (try vector.digest("key_id")))
        let associated = try Self.associated(fields, key.id)
        #expect(associated == (try vector.bytes("aad")))
        let sealed = try SealedPart(
            sealing: plaintext,
            under: key,
            associated: associated,
            nonce: fields.bytes("nonce")
        )
        #expect(Array(sealed.ciphertext) == (try fields.bytes("ciphertext_and_tag")))
        #expect(sealed.encoded() == (try vector.bytes("bytes")))
        let digest = TenantName.digest(tag: tag, sealed: sealed.encoded())
        #expect(digest == (try vector.digest("digest")))
    }

    @Test("a sealed name opens", arguments: try VectorFile("tenant_name").vectors)
    func opens(_ vector: VectorEntry) throws {
        let fields = try vector.fields
        let part = try Part(decoding: vector.bytes("bytes"))
        guard case .sealed(let sealed) = part else {
            Issue.record("not sealed")
            return
        }
        let key = try fields.secretKey("key")
        let plaintext = try sealed.open(
            with: key,
            associated: Self.associated(fields, sealed.keyID)
        )
        #expect(plaintext == (try vector.bytes("padded")))
        let name = try TenantName.decode(plaintext)
        #expect(Array(name.utf8) == Array(try fields.text("name").utf8))
    }

    @Test("a malformed name is refused", arguments: try VectorFile("tenant_name").malformed)
    func refuses(_ entry: VectorEntry) throws {
        try expectRefusal(of: entry) { try TenantName.decode($0) }
    }

    private static func associated(_ fields: VectorEntry, _ keyID: KeyID) throws -> [UInt8] {
        try TenantName.associated(
            ledger: fields.identifier("ledger_id"),
            tenant: fields.identifier("tenant"),
            keyID: keyID
        )
    }
}
