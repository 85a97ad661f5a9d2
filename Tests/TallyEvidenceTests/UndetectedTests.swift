// What no check of today finds, kept honest: each of these is in docs/threat-model.md. A test that
// fails here because something is found now is good news for that page.

import TallyCore
import TallyStore
import TallyTesting
import Tallystick
import Testing

/// Tamperings that leave a verdict without findings.
@Suite(.serialized, .specimen) struct UndetectedTests {
    private func expectNothing(
        _ specimen: Specimen,
        after statement: String,
        opening: Bool = true,
        size: Int = 60,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try specimen.run(statement)
        let verdict = try await specimen.verify(specimen.acme, opening: opening)
        let evidence = Comment(rawValue: "\(statement)\n\(verdict.findings)")
        #expect(!verdict.isBroken, evidence, sourceLocation: sourceLocation)
        #expect(verdict.size == size, evidence, sourceLocation: sourceLocation)
        let findings = try await LedgerVerifier(pool: specimen.auditors).check()
        #expect(findings.isEmpty, evidence, sourceLocation: sourceLocation)
        try specimen.restore()
    }

    @Test("columns that repeat nothing of the log may change unseen")
    func columns() async throws {
        try await Specimen.with { specimen in
            for statement in [
                "UPDATE tally.tenant SET created_at = 0 WHERE slot = :acme",
                "UPDATE tally.ledger SET created_at = -1",
                "UPDATE tally.head SET closed_through = \(Int.max) WHERE slot = :acme",
                "UPDATE tally.head SET closed_through = -1 WHERE slot = :acme",
            ] {
                try await expectNothing(specimen, after: statement)
            }
        }
    }

    @Test("without the keys other values of stream and version are not seen")
    func withoutKeys() async throws {
        try await Specimen.with { specimen in
            for column in ["stream = gen_random_uuid()", "version = version + 500"] {
                try await expectNothing(
                    specimen,
                    after: """
                        UPDATE tally.event SET \(column)
                        WHERE slot = :acme AND stream IS NOT NULL
                        """,
                    opening: false
                )
            }
        }
    }

    @Test("a tail that was cut off together with its head is not missed")
    func tail() async throws {
        try await Specimen.with { specimen in
            try await expectNothing(
                specimen,
                after: """
                    DELETE FROM tally.event WHERE slot = :acme AND position >= 57;
                    SELECT forge.move_head(:acme)
                    """,
                size: 57
            )
        }
    }

    @Test("a history that was recomputed as a whole is not seen, not even with the keys")
    func recomputed() async throws {
        try await Specimen.with { specimen in
            try await expectNothing(
                specimen,
                after: """
                    CREATE TEMPORARY TABLE gone AS
                        SELECT * FROM tally.event WHERE slot = :acme AND position = 22;
                    DELETE FROM tally.event WHERE slot = :acme AND position = 22;
                    UPDATE tally.event e SET version = -e.version FROM gone
                    WHERE e.slot = :acme AND e.stream = gone.stream
                        AND e.version > gone.version;
                    UPDATE tally.event SET version = -version - 1
                    WHERE slot = :acme AND version < 0;
                    SELECT forge.shift(:acme, 23, -1), forge.relink(:acme, 22);
                    """,
                size: 59
            )
        }
    }

    @Test("of a history that was recomputed in part only its end is named")
    func recomputedInPart() async throws {
        try await Specimen.with { specimen in
            try specimen.run(
                """
                CREATE TEMPORARY TABLE kept AS SELECT * FROM tally.event
                    WHERE slot = :acme AND position > 40;
                SELECT forge.flip_leaf(:acme, 10, 40, 1);
                SELECT forge.relink(:acme, 11);
                UPDATE tally.event e SET leaf = kept.leaf FROM kept
                WHERE e.slot = kept.slot AND e.position = kept.position;
                SELECT forge.move_head(:acme)
                """
            )
            let verdict = try await specimen.verify(specimen.acme)
            #expect(verdict.named == [Named(.alteredLeaf, 40)])
            #expect(verdict.passed["hashes"] == 59)
        }
    }

    @Test("a tenant that a superuser made up is not seen, as long as nobody opens its name")
    func forgedTenant() async throws {
        try await Specimen.with { specimen in
            let forged = TenantID.random()
            try specimen.run(
                "SELECT tally.open_tenant('\(forged.hex)', 3, '\\x\(forged.hex)', '\\x00', '')"
            )
            let verdict = try await TenantVerifier(pool: specimen.auditors, jobs: 1, vault: nil)
                .verify(forged) { _ in }
            #expect(!verdict.isBroken)
            #expect(try await LedgerVerifier(pool: specimen.auditors).check().isEmpty)
            let row = try #require(try await specimen.ledger.registry.list().last)
            #expect(row.id == forged)
            #expect(try await specimen.ledger.registry.name(of: row) == nil)
        }
    }

    @Test("the newest tenant, gone with all its rows, is not missed")
    func newestTenant() async throws {
        try await Specimen.with { specimen in
            let tables = ["event", "head", "tenant"]
            let deletes = tables.map { "DELETE FROM tally.\($0) WHERE slot = 2" }
            try await expectNothing(specimen, after: deletes.joined(separator: ";"))
        }
    }
}
