// What rounds publish, against tenant_head.json and round_record.json: the leaves of the round
// map and of the rounds log.

import TallyCore
import TallyCrypto
import TallyTesting
import Testing

/// Heads of tenants and records of rounds.
@Suite struct HeadVectorTests {
    @Test(
        "a head has the vector's bytes and hash",
        arguments: try VectorFile("tenant_head").vectors
    )
    func encodesHead(_ vector: VectorEntry) throws {
        let bytes = try Self.head(vector.fields).encoded()
        #expect(bytes == (try vector.bytes("bytes")))
        #expect(bytes.count == 103)
        var hash = SHA256()
        #expect(Leaf.hash(bytes, with: &hash) == (try vector.digest("hash")))
    }

    @Test("a head's bytes give its fields", arguments: try VectorFile("tenant_head").vectors)
    func decodesHead(_ vector: VectorEntry) throws {
        let head = try TenantHead(decoding: vector.bytes("bytes"))
        #expect(head == (try Self.head(vector.fields)))
    }

    @Test("a malformed head is refused", arguments: try VectorFile("tenant_head").malformed)
    func refusesHead(_ entry: VectorEntry) throws {
        try expectRefusal(of: entry) { try TenantHead(decoding: $0) }
    }

    @Test(
        "a round has the vector's bytes and hash",
        arguments: try VectorFile("round_record").vectors
    )
    func encodesRound(_ vector: VectorEntry) throws {
        let bytes = try Self.round(vector.fields).encoded()
        #expect(bytes == (try vector.bytes("bytes")))
        #expect(bytes.count == 86)
        var hash = SHA256()
        #expect(Leaf.hash(bytes, with: &hash) == (try vector.digest("hash")))
    }

    @Test("a round's bytes give its fields", arguments: try VectorFile("round_record").vectors)
    func decodesRound(_ vector: VectorEntry) throws {
        let round = try RoundRecord(decoding: vector.bytes("bytes"))
        #expect(round == (try Self.round(vector.fields)))
    }

    @Test("a malformed round is refused", arguments: try VectorFile("round_record").malformed)
    func refusesRound(_ entry: VectorEntry) throws {
        try expectRefusal(of: entry) { try RoundRecord(decoding: $0) }
    }

    private static func head(_ fields: VectorEntry) throws -> TenantHead {
        try TenantHead(
            slot: fields.integer("slot"),
            state: fields.numbered("state"),
            tenant: fields.identifier("tenant"),
            size: fields.integer("size"),
            root: fields.digest("root"),
            lastLeafHash: fields.digest("last_leaf_hash"),
            recordedAt: fields.integer("recorded_at")
        )
    }

    private static func round(_ fields: VectorEntry) throws -> RoundRecord {
        try RoundRecord(
            round: fields.integer("round"),
            recordedAt: fields.integer("recorded_at"),
            slots: fields.integer("slots"),
            mapRoot: fields.digest("map_root"),
            previous: fields.digest("previous")
        )
    }
}
