// Names of subjects beside the requests about them, against request_subject.json.

import TallyCore
import TallyCrypto
import TallyTesting
import Testing

/// Sealed subjects of requests.
@Suite struct RequestSubjectVectorTests {
    @Test(
        "sealing gives the vector's bytes",
        arguments: try VectorFile("request_subject").vectors
    )
    func seals(_ vector: VectorEntry) throws {
        let fields = try vector.fields
        let plaintext = RequestSubject.encode(try fields.text("name"))
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
    }

    @Test("a sealed subject opens", arguments: try VectorFile("request_subject").vectors)
    func opens(_ vector: VectorEntry) throws {
        let fields = try vector.fields
        guard case .sealed(let sealed) = try Part(decoding: vector.bytes("bytes")) else {
            Issue.record("not sealed")
            return
        }
        let plaintext = try sealed.open(
            with: fields.secretKey("key"),
            associated: Self.associated(fields, sealed.keyID)
        )
        let name = try RequestSubject.decode(plaintext)
        #expect(Array(name.utf8) == Array(try fields.text("name").utf8))
    }

    @Test("a malformed subject is refused", arguments: try VectorFile("request_subject").malformed)
    func refuses(_ entry: VectorEntry) throws {
        try expectRefusal(of: entry) { try RequestSubject.decode($0) }
    }

    private static func associated(_ fields: VectorEntry, _ keyID: KeyID) throws -> [UInt8] {
        try RequestSubject.associated(
            ledger: fields.identifier("ledger_id"),
            tenant: fields.identifier("tenant"),
            request: fields.identifier("request"),
            keyID: keyID
        )
    }
}
