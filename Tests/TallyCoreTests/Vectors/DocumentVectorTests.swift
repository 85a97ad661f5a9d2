// Stored documents and leaves of state roots, against document.json, document_part.json and
// state_root_leaf.json.

import TallyCore
import TallyCrypto
import TallyTesting
import Testing

@Suite struct DocumentVectorTests {
    @Test(
        "part 0 has the vector's bytes and gives its fields",
        arguments: try VectorFile("document_part").vectors
    )
    func part(_ vector: VectorEntry) throws {
        let fields = try vector.fields
        let part = DocumentPart(
            stream: try fields.text("stream"),
            data: PartData(
                encoding: try fields.numbered("encoding"),
                size: try fields.integer("data_size"),
                bytes: try fields.bytes("data")
            ),
            erasedParts: try fields.integer("erased_parts"),
            partDigests: try fields.byteLists("part_digest").compactMap { Digest($0) }
        )
        #expect(part.encoded() == (try vector.bytes("padded")))
        #expect(try DocumentPart(decoding: vector.bytes("padded")) == part)
    }

    @Test(
        "a malformed part 0 is refused",
        arguments: try VectorFile("document_part").malformed.filter {
            try !$0.text("name").hasPrefix("lz4")
        }
    )
    func malformedPart(_ entry: VectorEntry) throws {
        try expectRefusal(of: entry) { try DocumentPart(decoding: $0) }
    }

    @Test("a document is sealed as the vector's", arguments: try VectorFile("document").vectors)
    func document(_ vector: VectorEntry) throws {
        let fields = try vector.fields
        let parts = try fields.entries("parts")
        let place = DocumentPlace(
            ledger: try fields.identifier("ledger_id"),
            tenant: try fields.identifier("tenant"),
            stream: try fields.identifier("stream_tag"),
            version: try fields.integer("version"),
            partCount: parts.count,
            snapshot: try snapshot(fields)
        )
        var sealed: [[UInt8]] = []
        for (index, part) in parts.enumerated() {
            let key = try part.secretKey("key")
            let associated = place.associated(index: index, keyID: key.id)
            #expect(try associated == vector.byteLists("aads")[index])
            let one = try SealedPart(
                sealing: part.bytes("plaintext"),
                under: key,
                associated: associated,
                nonce: part.bytes("nonce")
            )
            sealed.append(one.encoded())
        }
        let bytes = try vector.bytes("bytes")
        #expect(DocumentBody.encode(sealed) == bytes)
        #expect(try DocumentBody.decode(bytes).map { $0.encoded() } == sealed)
    }

    private func snapshot(_ fields: VectorEntry) throws -> SnapshotBinding? {
        guard let binding = try? fields.entry("snapshot") else { return nil }
        return SnapshotBinding(
            fold: try binding.integer("fold"),
            position: try binding.integer("position"),
            leafHash: try #require(Digest(binding.bytes("leaf_hash")))
        )
    }

    @Test("a malformed document is refused", arguments: try VectorFile("document").malformed)
    func malformed(_ entry: VectorEntry) throws {
        try expectRefusal(of: entry) { try DocumentBody.decode($0) }
    }

    @Test(
        "a state root's leaf is the vector's",
        arguments: try VectorFile("state_root_leaf").vectors
    )
    func leaf(_ vector: VectorEntry) throws {
        let fields = try vector.fields
        let index = try IndexKey(fields.secretKey("index_key"))
        let digest = index.documentDigest(
            try fields.identifier("stream_tag"),
            data: Array(try fields.text("canonical_data").utf8),
            partDigests: try fields.byteLists("part_digest").compactMap { Digest($0) }
        )
        #expect(digest == (try vector.digest("digest")))
    }
}
