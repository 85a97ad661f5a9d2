// Event bodies against event_body.json: their framing by EventBody, what only holds together with
// the leaf by the verifier's EventHasher.

import TallyCore
import TallyCrypto
import TallyTesting
import Testing

/// The body column of an event.
@Suite struct BodyVectorTests {
    @Test("a body has the vector's bytes", arguments: try VectorFile("event_body").vectors)
    func encodes(_ vector: VectorEntry) throws {
        let parts = try vector.fields.byteLists("parts")
        #expect(EventBody.encode(parts) == (try vector.bytes("bytes")))
    }

    @Test("a body's bytes give its parts", arguments: try VectorFile("event_body").vectors)
    func decodes(_ vector: VectorEntry) throws {
        let leaf = try Leaf(decoding: vector.fields.bytes("leaf"))
        let bytes = try vector.bytes("bytes")
        let parts = try vector.fields.byteLists("parts")
        #expect(try EventBody.decode(bytes, count: parts.count).map(Array.init) == parts)
        #expect(try EventBody.decode(bytes, leaf: leaf).map(Array.init) == parts)
    }

    @Test("the verifier accepts the body", arguments: try VectorFile("event_body").vectors)
    func verifies(_ vector: VectorEntry) throws {
        let record = try Self.check(vector.fields.bytes("leaf"), vector.bytes("bytes"))
        #expect(record.findings.isEmpty)
        #expect(record.soundBody)
        #expect(record.missingParts.map { .number(.init($0)) } == (try vector.list("purged")))
    }

    @Test("a malformed body is refused", arguments: try Self.malformed(byDigest: false))
    func refuses(_ entry: VectorEntry) throws {
        let leaf = try Leaf(decoding: entry.bytes("leaf"))
        try expectRefusal(of: entry) { bytes in
            for part in try EventBody.decode(bytes, leaf: leaf) where !part.isEmpty {
                _ = try Part(decoding: part, kind: leaf.kind)
            }
        }
    }

    @Test("a part of another digest is found", arguments: try Self.malformed(byDigest: true))
    func findsDigest(_ entry: VectorEntry) throws {
        let record = try Self.check(entry.bytes("leaf"), entry.bytes("bytes"))
        #expect(!record.findings.isEmpty)
        #expect(record.findings.allSatisfy { $0.evidence.contains("committed") })
    }

    @Test("the verifier finds the fault", arguments: try VectorFile("event_body").malformed)
    func finds(_ entry: VectorEntry) throws {
        let record = try Self.check(entry.bytes("leaf"), entry.bytes("bytes"))
        let purged = entry.name == "clear_part_purged"
        #expect(!record.soundBody)
        #expect(record.missingParts.isEmpty)
        #expect(Set(record.findings.map(\.name)) == [purged ? .missingBody : .alteredBody])
    }

    /// Checks a row that is sound but for its body.
    private static func check(_ bytes: [UInt8], _ body: [UInt8]) throws -> EventRecord {
        let leaf = try Leaf(decoding: bytes)
        var hasher = EventHasher(tenant: leaf.tenant)
        return hasher.check(
            StoredEvent(
                position: Int(leaf.position),
                stream: leaf.kind.isSealed ? .zero : nil,
                version: leaf.kind.isSealed ? 1 : nil,
                leaf: bytes,
                body: body
            )
        )
    }

    private static func malformed(byDigest: Bool) throws -> [VectorEntry] {
        try VectorFile("event_body").malformed.filter {
            try $0.text("code") == "digest" ? byDigest : !byDigest
        }
    }
}
