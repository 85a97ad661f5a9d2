// Logs with parts that are gone, against purged_log.json: what excuses them, and what does not.

import TallyCore
import TallyCrypto
import TallyTesting
import Testing

/// A part may be missing only where a later event lists it, with a destruction of keys behind it.
@Suite struct PurgedLogVectorTests {
    @Test("a log has the vector's findings", arguments: try VectorFile("purged_log").vectors)
    func findings(_ vector: VectorEntry) throws {
        let report = try Self.verify(vector.fields)
        let found = report.findings.map { "\($0.name.rawValue) event \($0.position ?? -1)" }
        let expected = try vector.list("findings").map { pair in
            (pair.arrayValue ?? []).compactMap(\.stringValue).joined(separator: " ")
        }
        #expect(found == expected)
    }

    @Test func aPartMissingWithoutItsPartsPurgedIsAFinding() throws {
        let report = try Self.verify(named: "no_part_listed")
        #expect(report.findings.map(\.name) == [.missingBody, .missingBody, .missingBody])
        #expect(report.purgedParts == 0)
    }

    @Test(
        arguments: [
            "no_destruction_named", "a_record_named_as_destruction", "a_later_destruction_named",
            "nothing_named_that_is_there",
        ]
    )
    func aPartsPurgedThatNamesNoDestructionExcusesNothing(_ name: String) throws {
        let report = try Self.verify(named: name)
        #expect(report.findings.compactMap(\.position) == [1, 2, 2])
        #expect(report.purgedParts == 0)
    }

    @Test func partsThatAPurgeListsWithItsDestructionAreExcused() throws {
        let report = try Self.verify(named: "all_listed")
        #expect(report.findings == [])
        #expect(report.purgedParts == 3)
        #expect(report.bodies == report.events)
    }

    private static func verify(named name: String) throws -> LogReport {
        let vector = try VectorFile("purged_log").vectors.first { $0.name == name }
        return try verify(try #require(vector).fields)
    }

    private static func verify(_ fields: VectorEntry) throws -> LogReport {
        let rows = try fields.entries("rows")
        let facts = try facts(fields.entry("head"), rows)
        var hasher = EventHasher(tenant: facts.tenant)
        var verifier = LogVerifier(facts)
        for row in rows {
            let leaf = try row.bytes("leaf")
            let isSealed = try Leaf(decoding: leaf).kind.isSealed
            let event = try StoredEvent(
                position: row.integer("position"),
                stream: isSealed ? .random() : nil,
                version: isSealed ? 1 : nil,
                leaf: leaf,
                body: row.bytes("body")
            )
            verifier.add(hasher.check(event))
        }
        return verifier.finish()
    }

    /// The claims of the tables that go with a log, taken from its own first and last event.
    private static func facts(_ head: VectorEntry, _ rows: [VectorEntry]) throws -> TenantFacts {
        let genesis = try JSONReader.parse(Array(rows[0].bytes("body").dropFirst(5)))
        let name = genesis.objectValue?["name"]?.bytes.flatMap { Digest($0) }
        let newest = try #require(rows.last).bytes("leaf")
        return try TenantFacts(
            ledger: head.identifier("ledger_id"),
            origin: "",
            tenant: head.identifier("tenant"),
            slot: head.integer("slot"),
            region: "",
            nameDigest: #require(name),
            size: head.integer("size"),
            lastLeafHash: head.digest("last_leaf_hash"),
            recordedAt: Leaf(decoding: newest).recordedAt,
            state: 0
        )
    }
}
