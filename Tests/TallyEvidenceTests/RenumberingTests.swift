// Attackers who mend what they can: rows taken out or put in with all later rows moved up or down,
// so that no position is empty and none is taken twice. The leaves still say where they were.

import TallyCore
import TallyStore
import TallyTesting
import Testing

/// Rows that were given other positions.
@Suite(.serialized, .specimen) struct RenumberingTests {
    private func takeOut(_ position: Int, count: Int = 1) -> String {
        """
        DELETE FROM tally.event WHERE slot = :acme
            AND position >= \(position) AND position < \(position + count);
        SELECT forge.shift(:acme, \(position + count), \(-count));
        UPDATE tally.head SET size = size - \(count) WHERE slot = :acme;
        """
    }

    @Test("an event that was taken out is missing, though the later rows close the gap")
    func takenOut() async throws {
        try await Specimen.with { specimen in
            try await specimen.tamper(
                takeOut(22),
                finds: [Named(.missingEvent, 22)],
                short: ["hashes": 2, "links": 2, "bodies": 1, "event_ids": 1]
            )
            try await specimen.tamper(
                takeOut(0),
                finds: [Named(.missingEvent, 0)],
                short: ["hashes": 1, "links": 2, "bodies": 1, "event_ids": 1]
            )
            try await specimen.tamper(
                takeOut(40, count: 3) + takeOut(10),
                finds: [Named(.missingEvent, 10), Named(.missingEvent, 40)],
                short: ["hashes": 6, "links": 6, "bodies": 4, "event_ids": 4]
            )
        }
    }

    @Test("an event that was put in is found, though the later rows made room")
    func putIn() async throws {
        try await Specimen.with { specimen in
            try await specimen.tamper(
                """
                SELECT forge.shift(:acme, 22, 1);
                INSERT INTO tally.event (slot, version, position, stream, event_id, leaf, body)
                SELECT slot, 1, 22, gen_random_uuid(), id,
                    tally.leaf(1, tenant_id, 22, tally.uint64(substr(leaf, 28, 8)) + 1,
                        id, tally.leaf_hash(leaf), tally.part_digests(body)), body
                FROM tally.event JOIN tally.tenant USING (slot)
                CROSS JOIN (SELECT gen_random_uuid() AS id) x
                WHERE slot = :acme AND position = 21;
                UPDATE tally.head SET size = size + 1 WHERE slot = :acme
                """,
                finds: [Named(.insertedEvent, 22)],
                short: ["links": 0, "bodies": -1, "event_ids": -1]
            )
        }
    }

    @Test("rows that were turned around among themselves are all found")
    func turned() async throws {
        try await Specimen.with { specimen in
            try await specimen.tamper(
                """
                SELECT forge.swap(:acme, 20, 24), forge.swap(:acme, 21, 23),
                    forge.swap(:acme, 30, 31), forge.swap(:acme, 31, 32)
                """,
                finds: [20, 21, 23, 24, 30, 32].map { Named(.swapped, $0) }
            )
        }
    }

    @Test("rows that were renumbered and an altered leaf are both found")
    func alteredToo() async throws {
        try await Specimen.with { specimen in
            try await specimen.tamper(
                takeOut(22) + "SELECT forge.flip_leaf(:acme, 40, 40, 1)",
                finds: [Named(.missingEvent, 22), Named(.alteredLeaf, 40)],
                short: ["hashes": 3, "links": 3, "bodies": 1, "event_ids": 1]
            )
        }
    }
}
