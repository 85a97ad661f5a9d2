// Records of the key journal, against journal.json, and under random damage.
// Half of the damaged records get the digest that belongs to them, or none would be read far.

import TallyCore
import TallyCrypto
import TallyTesting
import TallyVault
import Testing

/// One record of the key journal.
@Suite struct JournalRecordTests {
    @Test("a record has the vector's bytes", arguments: try VectorFile("journal").vectors)
    func encodes(_ vector: VectorEntry) throws {
        let bytes = try Self.record(vector.fields).encoded()
        #expect(bytes == (try vector.bytes("bytes")))
        let digest = try vector.digest("digest")
        #expect(Array(bytes.suffix(Digest.byteCount)) == digest.bytes)
        #expect(SHA256.hash(Array(bytes.dropFirst(4).dropLast(Digest.byteCount))) == digest)
    }

    @Test("a record's bytes give its fields", arguments: try VectorFile("journal").vectors)
    func decodes(_ vector: VectorEntry) throws {
        let bytes = try vector.bytes("bytes")
        let record = try Self.record(vector.fields)
        #expect(try JournalRecord(decoding: bytes) == record)
        let next = try #require(JournalRecord.read(bytes + [1, 2, 3]))
        #expect(next.record == record)
        #expect(next.byteCount == bytes.count)
    }

    @Test("a malformed record is refused", arguments: try VectorFile("journal").malformed)
    func refuses(_ entry: VectorEntry) throws {
        let bytes = try entry.bytes("bytes")
        let error = #expect(throws: FormatError.self) { try JournalRecord(decoding: bytes) }
        #expect(error?.code.rawValue == (try entry.text("code")))
        // Read from the beginning of a journal, a byte behind the record is not its own.
        #expect((JournalRecord.read(bytes[...]) == nil) == (entry.name != "trailing_byte"))
    }

    @Test("20,000 mutations are refused or written again the same")
    func mutations() throws {
        let vectors = try VectorFile("journal").vectors.map { try $0.bytes("bytes") }
        var accepted = 0
        for seed in 0..<20_000 as Range<UInt64> {
            var random = ByteMutator(seed: seed)
            let record = try #require(vectors.randomElement(using: &random))
            let mutation =
                Bool.random(using: &random)
                ? random.mutated(record)
                : Self.framed(random.mutated(Array(record.dropFirst(4).dropLast(32))))
            do throws(FormatError) {
                let decoded = try JournalRecord(decoding: mutation)
                accepted += 1
                guard decoded.encoded() != mutation else { continue }
                Issue.record("seed \(seed): written again as other bytes")
            } catch {
                #expect((0...mutation.count).contains(error.offset), "seed \(seed)")
            }
        }
        #expect((100..<19_000).contains(accepted))
    }

    /// A record of any content, with the length and digest that belong to it.
    private static func framed(_ content: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(UInt32(content.count + Digest.byteCount))
        writer.write(content)
        writer.write(SHA256.hash(content))
        return writer.bytes
    }

    private static func record(_ fields: VectorEntry) throws -> JournalRecord {
        try JournalRecord(
            content: #require(JournalRecord.Content(rawValue: fields.integer("type"))),
            tenant: fields.identifier("tenant"),
            subjectTag: fields.identifier("subject_tag"),
            retentionClass: fields.text("retention_class"),
            generation: fields.integer("generation"),
            createdAt: fields.integer("created_at"),
            wrapped: fields.bytes("wrapped")
        )
    }
}
