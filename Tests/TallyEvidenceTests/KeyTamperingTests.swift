// With the keys at hand the verifier opens what it hashed: it finds sections under the wrong
// person's key, parts sealed for another place, and keys that are gone without an erasure.

import TallyCore
import TallyPostgres
import TallyStore
import TallyTesting
import TallyVault
import Tallystick
import Testing

/// Keys and what lies under them.
@Suite(.database) struct KeyTamperingTests {
    /// Verifies over a ledger opened just now, whose caches are empty.
    private func verifyAfresh(_ specimen: Specimen) async throws -> TenantVerdict {
        try await TestLedger.current.open { ledger in
            try await TenantVerifier(pool: specimen.auditors, jobs: 2, vault: ledger.vault)
                .verify(specimen.acme.id) { _ in }
        }
    }

    /// Runs a statement in the key store.
    private func runOnKeys(_ statement: String, _ specimen: Specimen) throws {
        let uri = try TestLedger.current.configuration.keys
        let connection = try Connection(ConnectionConfiguration(uri: uri))
        try connection.execute(
            statement.replacing(":acme", with: "'\(specimen.acme.id.hex)'::uuid")
        )
    }

    @Test("a section under its own person's key is intact")
    func ownKey() async throws {
        try await Specimen.with { specimen in
            let verdict = try await specimen.appendMaria(under: specimen.key(of: "maria"))
            #expect(!verdict.isBroken, "\(verdict.findings)")
            #expect(verdict.passed["columns"] == 58)
        }
    }

    @Test("Maria's section under Karl's key is found")
    func otherPerson() async throws {
        try await Specimen.with { specimen in
            let verdict = try await specimen.appendMaria(under: specimen.key(of: "karl"))
            #expect(verdict.named == [Named(.alteredBody, 60)])
            #expect(verdict.findings.first?.evidence.contains("another subject's key") == true)
            #expect(verdict.passed["columns"] == 57)
            #expect(verdict.passed["bodies"] == 61)
        }
    }

    @Test("a section under the key of another retention class is found")
    func otherClass() async throws {
        try await Specimen.with { specimen in
            let key = try await specimen.key(of: "maria", class: "billing")
            #expect(try await specimen.appendMaria(under: key).named == [Named(.alteredBody, 60)])
        }
    }

    @Test("a section under the tenant's data key is found")
    func dataKey() async throws {
        try await Specimen.with { specimen in
            let key = try await specimen.ledger.vault.dataKey(specimen.acme.id)
            #expect(try await specimen.appendMaria(under: key).named == [Named(.alteredBody, 60)])
        }
    }

    @Test("a section that was sealed for another event or place is found")
    func otherPlace() async throws {
        try await Specimen.with { specimen in
            let key = try await specimen.key(of: "maria")
            let verdict = try await specimen.appendMaria(under: key, sealedFor: .random())
            #expect(verdict.named == [Named(.alteredBody, 60)])
        }
    }

    @Test("an envelope under a person's key is found")
    func envelopeUnderPersonsKey() async throws {
        try await Specimen.with { specimen in
            let maria = try await specimen.key(of: "maria")
            let karl = try await specimen.key(of: "karl")
            let verdict = try await specimen.appendMaria(under: maria, envelopeUnder: karl)
            #expect(verdict.named == [Named(.alteredBody, 60)])
        }
    }

    @Test("a person's key that is gone from the key store is lost, event by event")
    func lostKey() async throws {
        try await Specimen.with { specimen in
            let tag = try await specimen.ledger.vault.indexKey(specimen.acme.id)
                .tag(.subject, "person:2")
            try runOnKeys(
                """
                DELETE FROM tally_keys.key_record
                WHERE tenant_id = :acme AND subject_tag = '\\x\(tag.hex)'
                """,
                specimen
            )
            let verdict = try await verifyAfresh(specimen)
            let events = stride(from: 4, through: 56, by: 4).map { Named(.lostKey, $0) }
            #expect(verdict.named == events)
            #expect(verdict.passed["columns"] == 57 - events.count)
        }
    }

    @Test("a data key that is gone is lost for every event")
    func lostDataKey() async throws {
        try await Specimen.with { specimen in
            try runOnKeys(
                "DELETE FROM tally_keys.key_record WHERE tenant_id = :acme AND kind = 1",
                specimen
            )
            let verdict = try await verifyAfresh(specimen)
            let events = (Array(1...53) + Array(56...59)).map { Named(.lostKey, $0) }
            #expect(verdict.named == events)
            #expect(verdict.passed["columns"] == 0)
        }
    }

    @Test("an index key that is gone is lost, and columns are not checked")
    func lostIndexKey() async throws {
        try await Specimen.with { specimen in
            try runOnKeys(
                "DELETE FROM tally_keys.key_record WHERE tenant_id = :acme AND kind = 3",
                specimen
            )
            let verdict = try await verifyAfresh(specimen)
            #expect(verdict.named == [Named(.lostKey)])
            let columns = verdict.checks.first { $0.name == .columns }
            #expect(columns?.outcome == .notRun)
            #expect(verdict.passed["hashes"] == 60)
        }
    }

    @Test("a key that was destroyed alone reads as erased, and is a finding itself")
    func destroyedKey() async throws {
        try await Specimen.with { specimen in
            try runOnKeys(
                """
                UPDATE tally_keys.key_record SET wrapped = NULL, state = 'destroyed'
                WHERE tenant_id = :acme AND kind = 2
                """,
                specimen
            )
            let verdict = try await verifyAfresh(specimen)
            #expect(!verdict.findings.isEmpty)
            #expect(verdict.findings.allSatisfy { $0.name == .alteredRegister })
            let columns = verdict.checks.first { $0.name == .columns }
            #expect(columns?.note == "84 parts erased")
        }
    }

    @Test("a wrapped key that was altered is lost, event by event")
    func alteredWrap() async throws {
        try await Specimen.with { specimen in
            try runOnKeys(
                """
                UPDATE tally_keys.key_record SET wrapped = set_byte(wrapped, 100, 7)
                WHERE tenant_id = :acme AND kind = 1
                """,
                specimen
            )
            let verdict = try await verifyAfresh(specimen)
            let events = (Array(1...53) + Array(56...59)).map { Named(.lostKey, $0) }
            #expect(verdict.named == events)
            #expect(verdict.passed["hashes"] == 60)
        }
    }
}
