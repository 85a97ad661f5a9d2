// Rows taken out, exchanged, put in and written twice: the chain names each of them, also where
// the attacker mended positions or links.

import TallyCore
import TallyPostgres
import TallyStore
import TallyTesting
import Testing

/// Whole rows of the log.
@Suite(.serialized, .specimen) struct RowTamperingTests {
    private static let far = 1 << 62

    private func delete(_ condition: String) -> String {
        "DELETE FROM tally.event WHERE slot = :acme AND \(condition);"
    }

    @Test("a deleted row is found as a missing event")
    func deleted() async throws {
        try await Specimen.with { specimen in
            let cases: [(position: Int, hashes: Int, links: Int)] = [
                (0, 1, 2), (1, 2, 2), (22, 2, 2), (50, 2, 2), (54, 2, 2), (59, 2, 1),
            ]
            for row in cases {
                try await specimen.tamper(
                    delete("position = \(row.position)"),
                    // Where nobody can read that the tenant was frozen, nobody decided to thaw it.
                    finds: [Named(.missingEvent, row.position)]
                        + (row.position == 54 ? [Named(.undecided, 55)] : []),
                    short: ["hashes": row.hashes, "links": row.links, "bodies": 1]
                )
            }
        }
    }

    @Test("several deleted rows are found as missing events")
    func severalDeleted() async throws {
        try await Specimen.with { specimen in
            try await specimen.tamper(
                delete("position IN (5, 10, 11, 12, 59)"),
                finds: [5, 10, 59].map { Named(.missingEvent, $0) },
                short: ["hashes": 8, "links": 7, "bodies": 5]
            )
            try await specimen.tamper(
                delete("true"),
                finds: [Named(.missingEvent, 0)],
                short: ["hashes": 60, "links": 60, "bodies": 60]
            )
        }
    }

    @Test("a log that was wiped together with its head still lacks its genesis event")
    func wiped() async throws {
        try await Specimen.with { specimen in
            try specimen.run(
                """
                \(delete("true"))
                UPDATE tally.head h SET size = 0, recorded_at = 0, last_leaf_hash =
                    tally.genesis_previous(l.ledger_id, t.tenant_id, t.slot)
                FROM tally.ledger l, tally.tenant t
                WHERE t.slot = h.slot AND h.slot = :acme
                """
            )
            let verdict = try await specimen.verify(specimen.acme)
            #expect(verdict.named.first == Named(.missingEvent, 0))
        }
    }

    @Test("rows in each other's place are found as swapped, and all hashes as intact")
    func swapped() async throws {
        try await Specimen.with { specimen in
            for (first, second) in [(10, 33), (20, 21), (0, 5), (58, 59), (53, 54), (0, 59)] {
                try await specimen.tamper(
                    "SELECT forge.swap(:acme, \(first), \(second))",
                    finds: [Named(.swapped, first), Named(.swapped, second)]
                        + (second == 54 ? [Named(.undecided, 55)] : [])
                )
            }
        }
    }

    @Test("a row beyond the head is found as an inserted event")
    func beyondHead() async throws {
        try await Specimen.with { specimen in
            try await specimen.tamper(
                "SELECT forge.append(:acme)",
                finds: [Named(.insertedEvent, 60)],
                short: ["head": 1]
            )
            try await specimen.tamper(
                "SELECT forge.append(:acme), forge.copy(:acme, 59, \(Self.far))",
                finds: [Named(.insertedEvent, 60), Named(.insertedEvent, Self.far)],
                short: ["head": 1]
            )
        }
    }

    @Test("a row before the genesis event is found as an inserted event")
    func beforeGenesis() async throws {
        try await Specimen.with { specimen in
            for position in [-1, Int.min] {
                try await specimen.tamper(
                    "SELECT forge.copy(:acme, 22, \(position))",
                    finds: [Named(.insertedEvent, position)],
                    short: ["head": 1]
                )
            }
        }
    }

    @Test("a row that was moved far away is found as missing here and inserted there")
    func movedFar() async throws {
        try await Specimen.with { specimen in
            for position in [Self.far, Int.max, -3] {
                let found = [Named(.missingEvent, 22), Named(.insertedEvent, position)]
                try await specimen.tamper(
                    """
                    UPDATE tally.event SET position = \(position)
                    WHERE slot = :acme AND position = 22
                    """,
                    finds: position < 0 ? found.reversed() : found,
                    short: ["hashes": 2, "links": 2, "bodies": 1, "head": 1]
                )
            }
        }
    }

    @Test("a row that is there twice is found as a duplicated event")
    func twice() async throws {
        try await Specimen.with { specimen in
            let keys = try specimen.attacker.query(
                """
                SELECT 'DROP CONSTRAINT ' || conname AS drop,
                    format('ADD CONSTRAINT %s %s', conname, pg_get_constraintdef(oid)) AS add
                FROM pg_constraint
                WHERE conrelid = 'tally.event'::regclass AND contype IN ('p', 'u')
                """
            )
            let drops = try keys.map { row throws(PostgresError) in try row["drop"].text() }
            let adds = try keys.map { row throws(PostgresError) in try row["add"].text() }
            try specimen.run("ALTER TABLE tally.event \(drops.joined(separator: ", "))")
            defer { try? specimen.run("ALTER TABLE tally.event \(adds.joined(separator: ", "))") }
            for position in [0, 22, 59] {
                for opening in [false, true] {
                    try await specimen.tamper(
                        """
                        INSERT INTO tally.event SELECT * FROM tally.event
                        WHERE slot = :acme AND position = \(position)
                        """,
                        finds: [Named(.duplicatedEvent, position)],
                        short: ["event_ids": 1],
                        opening: opening
                    )
                }
            }
        }
    }

    @Test("a copy of an event in another's place is found as altered and duplicated")
    func overwritten() async throws {
        try await Specimen.with { specimen in
            for (from, to) in [(7, 22), (33, 22)] {
                try await specimen.tamper(
                    "SELECT forge.overwrite(:acme, \(from), \(to))",
                    finds: [Named(.alteredLeaf, to), Named(.duplicatedEvent, to)],
                    short: ["hashes": 2, "links": 2, "event_ids": 1]
                )
            }
        }
    }

    @Test("a copy at the end of a chain that was mended is found as a duplicated event")
    func appendedCopy() async throws {
        try await Specimen.with { specimen in
            // Sixty intact events and one more, so nothing falls short of the usual counts.
            try await specimen.tamper(
                "SELECT forge.copy(:acme, 22, 60); SELECT forge.relink(:acme, 60)",
                finds: [Named(.duplicatedEvent, 60)],
                short: ["hashes": -1, "links": -1, "bodies": -1]
            )
        }
    }
}
