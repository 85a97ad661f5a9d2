// Whoever has the key store's database, and nothing else, ends keys, blocks people, or brings
// something back: verify with the keys in hand names it.

import TallyCore
import TallyPostgres
import TallyTesting
import TallyVault
import Tallystick
import Testing

@Suite(.database)
struct KeyStoreSweepTests {
    /// What is wrong with both logs, by those who have the keys.
    private func evidence(_ tenant: Tenant, _ ledger: Ledger) async throws -> [String] {
        var evidence: [String] = []
        for name in [tenant.name, "_ledger"] {
            let verdict = try await ledger.verify(ledger.tenant(named: name), opensEvents: true)
            evidence += verdict.findings.map { "\($0.name.rawValue): \($0.evidence)" }
        }
        return evidence
    }

    private static let changes: [(statement: String, evidence: String)] = [
        (
            "UPDATE tally_keys.key_record SET state = 'destroyed', wrapped = NULL WHERE key_id IN "
                + "(SELECT key_id FROM tally_keys.key_record WHERE state = 'active' AND kind = 2 "
                + "LIMIT 1)",
            "it is destroyed, and no erasure has decided that"
        ),
        (
            "UPDATE tally_keys.key_record SET state = 'suspended' WHERE key_id IN "
                + "(SELECT key_id FROM tally_keys.key_record WHERE state = 'active' AND kind = 2 "
                + "LIMIT 1)",
            "it is suspended, and no erasure has decided that"
        ),
        (
            "UPDATE tally_keys.key_record SET state = 'active', wrapped = '\\x00' "
                + "WHERE state = 'destroyed'",
            "keys live that the log says are destroyed"
        ),
        (
            "INSERT INTO tally_keys.key_block SELECT tenant_id, "
                + "'\\x00112233445566778899aabbccddeeff', '*', 1 FROM tally_keys.tenant_wrap",
            "no erasure stands for it"
        ),
        ("UPDATE tally_keys.key_block SET lifted_at = 1", "the log has it, no row does"),
        ("DELETE FROM tally_keys.key_block", "the log has it, no row does"),
        (
            "UPDATE tally_keys.key_epoch SET state = 'deactivated', destroyed_at = NULL, "
                + "assurance = NULL WHERE state = 'destroyed'",
            "it lives, and the log has a receipt of its end"
        ),
        (
            "UPDATE tally_keys.key_epoch SET state = 'destroyed', is_recorded = true, "
                + "destroyed_at = 1, assurance = 'x'",
            "the log has no receipt of its end"
        ),
    ]

    @Test func whatTheLogDoesNotSayIsNamed() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let erasure = try await TwoOperators(ledger).erasure(of: "maria", acme, ledger)
            _ = try await ledger.erasures.run(erasure)
            _ = try await ledger.keys.rotate()
            #expect(try await evidence(acme, ledger) == [])
            let attacker = try Witness.current.keyStore()
            for change in Self.changes {
                try attacker.execute(
                    "CREATE TEMP TABLE r AS SELECT * FROM tally_keys.key_record; "
                        + "CREATE TEMP TABLE b AS SELECT * FROM tally_keys.key_block; "
                        + "CREATE TEMP TABLE e AS SELECT * FROM tally_keys.key_epoch"
                )
                try attacker.execute(change.statement)
                let found = try await evidence(acme, ledger)
                #expect(
                    found.contains {
                        $0.hasPrefix("altered register: key_") && $0.contains(change.evidence)
                    },
                    "\(change.statement): \(found)"
                )
                try attacker.execute(
                    """
                    DELETE FROM tally_keys.key_record; INSERT INTO tally_keys.key_record TABLE r;
                    DELETE FROM tally_keys.key_block; INSERT INTO tally_keys.key_block TABLE b;
                    DELETE FROM tally_keys.key_epoch; INSERT INTO tally_keys.key_epoch TABLE e;
                    DROP TABLE r, b, e
                    """
                )
            }
            #expect(try await evidence(acme, ledger) == [])
        }
    }

    @Test func whoeverIsLetInAgainIsNotMissedInClassesBefore() async throws {
        try await TestLedger.current.open { ledger in
            let operators = try await TwoOperators(ledger)
            let acme = try await ledger.sampleTenant("acme")
            for name in ["tax", ""] {
                let id = try await operators.erasure(of: "maria", acme, classes: [name], ledger)
                _ = try await ledger.erasures.run(id)
            }
            let back = try await ledger.decisions.readmit("maria", to: acme, by: operators.asking)
            _ = try await ledger.decisions.approve(back.id, with: operators.approving)
            #expect(try await evidence(acme, ledger) == [])
        }
    }

    @Test func whoeverIsRefusedAfterAKilledRunGetsTheKeysBack() async throws {
        try await TestLedger.current.open { ledger in
            let operators = try await TwoOperators(ledger)
            let acme = try await ledger.sampleTenant("acme")
            let id = try await operators.erasure(of: "maria", acme, ledger)
            let tag = try await ledger.subjectTag("maria", of: acme)
            _ = try await ledger.vault.block(acme.id, KeyScope(subject: tag))
            try await ledger.decisions.refuse(id, ground: "mistaken")
            #expect(try await !evidence(acme, ledger).isEmpty)
            #expect(try await ledger.erasures.run(id).state == .refused)
            #expect(try await evidence(acme, ledger) == [])
            let card = try #require(try await acme.document("crm/contact/1"))
            #expect(card.personal.keys.sorted() == ["karl", "maria", "maria#tax"])
        }
    }

    @Test func aWholeTenantsErasureExplainsAllItsKeys() async throws {
        try await TestLedger.current.open { ledger in
            let operators = try await TwoOperators(ledger)
            let acme = try await ledger.sampleTenant("acme")
            let id = try await operators.erasure(of: acme, ledger)
            _ = try await ledger.erasures.run(id)
            #expect(try await evidence(acme, ledger) == [])
        }
    }
}
