// The other two verifiers, in SQL and in Python, share no code with the first. On an intact log
// they find nothing, on an altered one they give what they find the same names.

import Foundation
import TallyCore
import TallyPostgres
import TallyStore
import TallyTesting
import Tallystick
import Testing

/// SQL functions against the golden vectors, and both verifiers against tampered logs.
@Suite(.serialized, .specimen) struct SecondVerifierTests {
    private func one(_ statement: String, _ parameters: [Parameter]) throws -> [UInt8]? {
        let connection = try TestLedger.current.connection(role: "tally_auditor")
        return try connection.query(statement, parameters).optionalBytes(0, 0)
    }

    @Test("SQL builds and hashes the leaves of the golden vectors")
    func leaves() throws {
        let vectors = try VectorFile("leaf").vectors
        for vector in vectors {
            let bytes = try vector.bytes("bytes")
            let hash = try one("SELECT tally.leaf_hash($1)", [.bytea(bytes)])
            #expect(try hash == vector.bytes("hash"))
            let fields = try vector.fields
            guard let position: Int64 = try? fields.integer("position"),
                let time: Int64 = try? fields.integer("recorded_at")
            else { continue }
            let leaf = try one(
                "SELECT tally.leaf($1, $2, $3, $4, $5, $6, $7)",
                [
                    .integer(fields.integer("kind")), .uuid(fields.bytes("tenant")),
                    .bigint(position), .bigint(time), .uuid(fields.bytes("event_id")),
                    .bytea(fields.bytes("previous")),
                    .bytea(fields.byteLists("part_digest").flatMap { $0 }),
                ]
            )
            #expect(leaf == bytes, "\(vector)")
        }
        #expect(vectors.count > 16)
    }

    @Test("SQL computes the beginnings of the golden vectors")
    func beginnings() throws {
        for vector in try VectorFile("genesis").vectors {
            let slot: UInt32 = try vector.fields.integer("slot")
            let previous = try one(
                "SELECT tally.genesis_previous($1, $2, $3)",
                [
                    .uuid(vector.fields.bytes("ledger_id")), .uuid(vector.fields.bytes("tenant")),
                    .integer(Int32(bitPattern: slot)),
                ]
            )
            #expect(try previous == vector.bytes("previous"), "\(vector)")
        }
    }

    @Test("SQL digests the bodies of the golden vectors, and no malformed one passes")
    func bodies() throws {
        let file = try VectorFile("event_body")
        for vector in file.vectors where try vector.list("purged").isEmpty {
            let digests = try one(
                "SELECT tally.part_digests($1)",
                [.bytea(vector.bytes("bytes"))]
            )
            #expect(try digests == Array(vector.fields.bytes("leaf").dropFirst(84)), "\(vector)")
        }
        let codes: Set = ["truncated", "trailing", "digest", "length"]
        for entry in file.malformed where try codes.contains(entry.text("code")) {
            let digests = try one("SELECT tally.part_digests($1)", [.bytea(entry.bytes("bytes"))])
            #expect(try digests != Array(entry.bytes("leaf").dropFirst(84)), "\(entry)")
        }
    }

    private func ranges(_ specimen: Specimen) throws -> [String] {
        let connection = try TestLedger.current.connection(role: "tally_auditor")
        let rows = try connection.query(
            "SELECT broken_position, finding FROM tally.verify_range($1, 0, 60)",
            [.integer(Specimen.slot)]
        )
        return try (0..<rows.count).map { "\(try rows.integer($0, 0)) \(try rows.text($0, 1))" }
    }

    @Test("SQL finds nothing in an intact log, and what was altered in another")
    func verifyRange() async throws {
        try await Specimen.with { specimen in
            #expect(try ranges(specimen).isEmpty)
            let leaf = "SELECT forge.flip_leaf(:acme, 22, "
            for (statement, found) in [
                (leaf + "30, 1)", ["23 broken link"]),
                (leaf + "40, 1)", ["22 swapped", "23 broken link"]),
                (leaf + "60, 1)", ["22 broken link", "23 broken link"]),
                (leaf + "26, 1)", ["22 swapped", "23 broken link"]),
                (leaf + "10, 1)", ["22 swapped", "23 broken link"]),
                (leaf + "90, 1)", ["22 altered body", "23 broken link"]),
                ("SELECT forge.flip_leaf(:acme, 0, 60, 1)", ["0 broken link", "1 broken link"]),
                ("SELECT forge.flip_body(:acme, 24, 0)", ["24 altered body"]),
                ("SELECT forge.flip_body(:acme, 24, 60)", ["24 altered body"]),
                (
                    #"UPDATE tally.event SET body = '\x7fffffff00' WHERE slot = :acme "#
                        + "AND position = 24", ["24 altered body"]
                ),
                (
                    "DELETE FROM tally.event WHERE slot = :acme AND position = 22",
                    ["23 broken link"]
                ),
                ("SELECT forge.swap(:acme, 58, 59)", ["58 swapped", "59 swapped"]),
                (
                    "UPDATE tally.event SET event_id = gen_random_uuid() WHERE slot = :acme "
                        + "AND position = 24", ["24 swapped"]
                ),
                // The head is not its business, so the last leaf may name any time.
                ("SELECT forge.flip_leaf(:acme, 59, 30, 1)", []),
            ] {
                try specimen.run(statement)
                #expect(try ranges(specimen) == found, "\(statement)")
                try specimen.restore()
            }
        }
    }

    @Test("Python finds nothing in an intact log, and the same as Swift in another")
    func python() async throws {
        try await Specimen.with { specimen in
            let intact = try PythonVerdict(specimen)
            #expect(intact.status == 0, "\(intact.output)")
            #expect(intact.findings.isEmpty)
            for statement in [
                "SELECT forge.flip_leaf(:acme, 22, 40, 1)",
                "SELECT forge.flip_leaf(:acme, 22, 60, 1)",
                "SELECT forge.flip_leaf(:acme, 0, 30, 1)",
                "SELECT forge.flip_body(:acme, 24, 60)",
                "SELECT forge.flip_body(:acme, 54, 10)",
                "SELECT forge.flip_leaf(:acme, 59, 60, 1)",
                """
                UPDATE tally.head SET last_leaf_hash = forge.flip(last_leaf_hash, 7)
                    WHERE slot = :acme
                """,
                """
                UPDATE tally.event e SET body = o.body FROM tally.event o
                    WHERE e.slot = :acme AND o.slot = :acme
                    AND e.position IN (58, 59) AND o.position = 117 - e.position
                """,
                "DELETE FROM tally.event WHERE slot = :acme AND position = 22",
                "DELETE FROM tally.event WHERE slot = :acme AND position = 0",
                """
                UPDATE tally.event SET body = '\\x00000000' WHERE slot = :acme
                    AND position = 1
                """,
            ] {
                try specimen.run(statement)
                let python = try PythonVerdict(specimen)
                let swift = try await specimen.verify(specimen.acme)
                #expect(python.status == 3, "\(statement)")
                #expect(python.findings == swift.named, "\(statement)\n\(python.output)")
                try specimen.restore()
            }
        }
    }
}
