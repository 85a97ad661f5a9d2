// A leaf with one bit changed anywhere is named at its position, and nothing else is: the events
// around it, its body and all later events stay intact.

import TallyCore
import TallyEvidence
import TallyStore
import TallyTesting
import Testing

/// Bytes of leaves, flipped one after the other.
@Suite(.serialized, .specimen) struct LeafTamperingTests {
    /// Where a leaf has the hash of the one before.
    private static let previous = 51..<83
    /// Where it has its id, which in the last leaf only the head's hash confirms.
    private static let eventID = 35..<51

    @Test("every byte of a leaf, flipped, is found as an altered leaf")
    func everyByte() async throws {
        try await Specimen.with { specimen in
            for byte in 0..<(84 + 2 * 32) {
                let finds = [Named(.alteredLeaf, 22)]
                try await flip(specimen, 22, byte, finds: finds)
            }
        }
    }

    @Test("every byte of the genesis leaf, flipped, is found as an altered leaf")
    func everyByteOfGenesis() async throws {
        try await Specimen.with { specimen in
            for byte in 0..<116 {
                try await flip(specimen, 0, byte, finds: [Named(.alteredLeaf, 0)])
            }
        }
    }

    @Test("every byte of the last leaf, flipped, is found, its id as a doubt about the head")
    func everyByteOfLast() async throws {
        try await Specimen.with { specimen in
            for byte in 0..<(84 + 3 * 32) {
                let isDoubt = Self.eventID.contains(byte)
                let finds = [Named(isDoubt ? .alteredHead : .alteredLeaf, 59)]
                try await flip(specimen, 59, byte, finds: finds)
            }
        }
    }

    /// Flips a byte, verifies, and flips it back.
    private func flip(
        _ specimen: Specimen,
        _ position: Int,
        _ byte: Int,
        mask: Int = 255,
        finds: [Named]
    ) async throws {
        let flip = "SELECT forge.flip_leaf(:acme, \(position), \(byte), \(mask))"
        try specimen.run(flip)
        let verdict = try await specimen.verify(specimen.acme)
        try specimen.run(flip)
        let evidence = Comment(rawValue: "byte \(byte): \(verdict.findings)")
        #expect(verdict.named == finds, evidence)
        #expect(verdict.passed["hashes"] == 59, evidence)
        // The link to the event before, and the one that the event after, not the head, has.
        let links = 60 - (Self.previous.contains(byte) ? 1 : 0) - (position < 59 ? 1 : 0)
        #expect(verdict.passed["links"] == links, evidence)
        #expect((59...60).contains(verdict.passed["bodies"] ?? 0), evidence)
        #expect(verdict.passed["event_ids"] == 60, evidence)
    }

    @Test("every kind that a leaf's kind is changed to is found as an altered leaf")
    func everyKind() async throws {
        try await Specimen.with { specimen in
            for mask in 1...255 where mask < 16 || mask.isMultiple(of: 51) {
                try await flip(specimen, 22, 2, mask: mask, finds: [Named(.alteredLeaf, 22)])
            }
        }
    }

    @Test("a leaf that is cut, extended or empty is found as an altered leaf")
    func lengths() async throws {
        try await Specimen.with { specimen in
            for (change, links) in [
                (#"leaf || '\x00'"#, 1), ("substr(leaf, 1, 83)", 1), ("substr(leaf, 1, 60)", 2),
                ("substr(leaf, 1, 2)", 2), (#"'\x'"#, 2),
            ] {
                try await specimen.tamper(
                    """
                    UPDATE tally.event SET leaf = \(change)
                    WHERE slot = :acme AND position = 22
                    """,
                    finds: [Named(.alteredLeaf, 22)],
                    short: ["hashes": links, "links": links, "bodies": 1]
                )
            }
        }
    }

    @Test("several altered leaves are each found, next to each other or not")
    func several() async throws {
        try await Specimen.with { specimen in
            try await specimen.tamper(
                """
                SELECT forge.flip_leaf(:acme, 7, 40, 1), forge.flip_leaf(:acme, 30, 60, 1),
                    forge.flip_leaf(:acme, 46, 90, 1)
                """,
                finds: [7, 30, 46].map { Named(.alteredLeaf, $0) },
                short: ["hashes": 3, "links": 4, "bodies": 1]
            )
            // An event before altered ones is accused by nothing that could be believed.
            try await specimen.tamper(
                """
                SELECT forge.flip_leaf(:acme, 46, 40, 1), forge.flip_leaf(:acme, 47, 40, 1),
                    forge.flip_leaf(:acme, 48, 40, 1)
                """,
                finds: [47, 48].map { Named(.alteredLeaf, $0) },
                short: ["hashes": 3, "links": 3]
            )
        }
    }

    @Test("a time before the event before, in a chain that was mended, is found as back-dated")
    func backDated() async throws {
        try await Specimen.with { specimen in
            try await specimen.tamper(
                """
                UPDATE tally.event e SET leaf =
                    overlay(e.leaf PLACING substr(b.leaf, 28, 8) FROM 28 FOR 8)
                FROM tally.event b
                WHERE e.slot = :acme AND e.position = 59
                    AND b.slot = :acme AND b.position = 58;
                SELECT forge.move_head(:acme)
                """,
                finds: [Named(.backDated, 59)]
            )
        }
    }

    @Test("an event that was rewritten with a right link is found as an altered leaf")
    func replaced() async throws {
        try await Specimen.with { specimen in
            try await specimen.tamper(
                """
                UPDATE tally.event e SET body = s.body, event_id = s.id,
                    leaf = tally.leaf(1, s.tenant_id, 50, tally.uint64(substr(e.leaf, 28, 8)),
                        s.id, substr(e.leaf, 52, 32), tally.part_digests(s.body))
                FROM (SELECT *, gen_random_uuid() AS id FROM tally.event
                    JOIN tally.tenant USING (slot)) s
                WHERE s.slot = e.slot AND s.position = 10 AND e.slot = :acme AND e.position = 50
                """,
                finds: [Named(.alteredLeaf, 50)],
                short: ["hashes": 1, "links": 1]
            )
        }
    }
}
