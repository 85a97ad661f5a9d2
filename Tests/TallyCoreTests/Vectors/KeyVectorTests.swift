// Keys at rest, against wrapped_key.json and wrapped_twk.json.
// Nonces are given, so that wrapping again has to give the same bytes.

import TallyCore
import TallyCrypto
import TallyTesting
import Testing

/// Wrapped keys and wrapped wrapping keys.
@Suite struct KeyVectorTests {
    @Test("wrapping gives the vector's bytes", arguments: try VectorFile("wrapped_key").vectors)
    func wraps(_ vector: VectorEntry) throws {
        let fields = try vector.fields
        let parent = try fields.secretKey("parent_key")
        let key = try fields.secretKey("key")
        let place = try Self.place(fields)
        #expect(parent.id == (try vector.digest("parent_key_id")))
        #expect(key.id == (try vector.digest("key_id")))
        #expect(place.associated(parent: parent.id, keyID: key.id) == (try vector.bytes("aad")))
        let wrapped = try WrappedKey(
            wrapping: key,
            under: parent,
            place: place,
            nonce: fields.bytes("nonce")
        )
        #expect(wrapped.encoded() == (try vector.bytes("bytes")))
        #expect(wrapped.encoded().count == 130)
    }

    @Test("a wrap unwraps to the vector's key", arguments: try VectorFile("wrapped_key").vectors)
    func unwraps(_ vector: VectorEntry) throws {
        let fields = try vector.fields
        let wrapped = try WrappedKey(decoding: vector.bytes("bytes"))
        #expect(wrapped.kind == (try fields.numbered("kind")))
        #expect(wrapped.parent == (try vector.digest("parent_key_id")))
        #expect(wrapped.keyID == (try vector.digest("key_id")))
        #expect(wrapped.nonce == (try fields.bytes("nonce")))
        #expect(wrapped.ciphertext == (try fields.bytes("ciphertext_and_tag")))
        #expect(wrapped.encoded() == (try vector.bytes("bytes")))
        let place = try Self.place(fields)
        let key = try wrapped.unwrap(with: fields.secretKey("parent_key"), place: place)
        #expect(key.withBytes { [UInt8]($0) } == (try fields.bytes("key")))
    }

    @Test("a wrap opens at no other place", arguments: try VectorFile("wrapped_key").vectors)
    func places(_ vector: VectorEntry) throws {
        let fields = try vector.fields
        let wrapped = try WrappedKey(decoding: vector.bytes("bytes"))
        let parent = try fields.secretKey("parent_key")
        let place = try Self.place(fields)
        let others = [
            KeyPlace(ledger: place.ledger, tenant: .random(), kind: place.kind),
            KeyPlace(
                ledger: place.ledger,
                tenant: place.tenant,
                kind: place.kind,
                subjectTag: place.subjectTag,
                retentionClass: "other"
            ),
        ]
        for other in others {
            #expect(throws: OpenError.crypto(CryptoError(.authenticationFailed))) {
                try wrapped.unwrap(with: parent, place: other)
            }
        }
        let mismatch = OpenError.format(FormatError(.keyMismatch, in: "WrappedKey"))
        #expect(throws: mismatch) { try wrapped.unwrap(with: .random(), place: place) }
    }

    @Test("a malformed wrap is refused", arguments: try VectorFile("wrapped_key").malformed)
    func refuses(_ entry: VectorEntry) throws {
        try expectRefusal(of: entry) { try WrappedKey(decoding: $0) }
    }

    @Test("a TWK has the vector's bytes", arguments: try VectorFile("wrapped_twk").vectors)
    func encodesTWK(_ vector: VectorEntry) throws {
        let fields = try vector.fields
        let id = try fields.secretKey("twk").id
        #expect(id == (try vector.digest("twk_id")))
        let wrapped = try WrappedTWK(
            epoch: fields.integer("epoch"),
            twkID: id,
            blob: fields.bytes("blob")
        )
        #expect(wrapped.encoded() == (try vector.bytes("bytes")))
        #expect(try WrappedTWK(decoding: vector.bytes("bytes")) == wrapped)
        let context = try WrappedTWK.context(
            ledger: fields.identifier("ledger_id"),
            tenant: fields.identifier("tenant"),
            epoch: wrapped.epoch,
            twkID: id
        )
        #expect(context == (try vector.bytes("context")))
    }

    @Test("a malformed TWK is refused", arguments: try VectorFile("wrapped_twk").malformed)
    func refusesTWK(_ entry: VectorEntry) throws {
        try expectRefusal(of: entry) { try WrappedTWK(decoding: $0) }
    }

    private static func place(_ fields: VectorEntry) throws -> KeyPlace {
        try KeyPlace(
            ledger: fields.identifier("ledger_id"),
            tenant: fields.identifier("tenant"),
            kind: fields.numbered("kind"),
            subjectTag: fields.identifier("subject_tag"),
            retentionClass: fields.text("retention_class")
        )
    }
}
