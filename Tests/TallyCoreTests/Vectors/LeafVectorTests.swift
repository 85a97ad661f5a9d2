// Leaves and the value that stands before the first one, against leaf.json and genesis.json.
// Their hashes are the links of the chain.

import TallyCore
import TallyCrypto
import TallyTesting
import Testing

/// The leaf of the hash chain.
@Suite struct LeafVectorTests {
    @Test("a leaf has the vector's bytes and hash", arguments: try VectorFile("leaf").vectors)
    func encodes(_ vector: VectorEntry) throws {
        let leaf = try Self.leaf(vector.fields)
        let bytes = leaf.encoded()
        #expect(bytes == (try vector.bytes("bytes")))
        #expect(bytes.count == 84 + 32 * leaf.partDigests.count)
        var hash = SHA256()
        #expect(Leaf.hash(bytes, with: &hash) == (try vector.digest("hash")))
    }

    @Test("a leaf's bytes give its fields", arguments: try VectorFile("leaf").vectors)
    func decodes(_ vector: VectorEntry) throws {
        let leaf = try Leaf(decoding: vector.bytes("bytes"))
        #expect(leaf == (try Self.leaf(vector.fields)))
    }

    @Test("a malformed leaf is refused", arguments: try VectorFile("leaf").malformed)
    func refuses(_ entry: VectorEntry) throws {
        try expectRefusal(of: entry) { try Leaf(decoding: $0) }
    }

    @Test("a leaf is well-formed with 1 to 32 parts of any kind", arguments: EventKind.allCases)
    func partCounts(_ kind: EventKind) throws {
        let vector = try #require(VectorFile("leaf").vectors.first)
        var leaf = try Self.leaf(vector.fields)
        leaf.kind = kind
        for count in 1...32 {
            leaf.partDigests = Array(repeating: .zero, count: count)
            #expect(try Leaf(decoding: leaf.encoded()) == leaf)
        }
    }

    @Test("genesis has the vector's previous", arguments: try VectorFile("genesis").vectors)
    func genesis(_ vector: VectorEntry) throws {
        let fields = try vector.fields
        let previous = try Leaf.genesisPrevious(
            ledger: fields.identifier("ledger_id"),
            tenant: fields.identifier("tenant"),
            slot: fields.integer("slot")
        )
        #expect(previous == (try vector.digest("previous")))
        #expect(previous == SHA256.hash(try vector.bytes("bytes")))
    }

    private static func leaf(_ fields: VectorEntry) throws -> Leaf {
        let digests = try fields.byteLists("part_digest")
        #expect(digests.count == (try fields.integer("part_count")))
        return try Leaf(
            kind: fields.numbered("kind"),
            tenant: fields.identifier("tenant"),
            position: fields.integer("position"),
            recordedAt: fields.integer("recorded_at"),
            eventID: fields.identifier("event_id"),
            previous: fields.digest("previous"),
            partDigests: digests.map { try #require(Digest($0)) }
        )
    }
}
