// The rows about a tenant and about the ledger: the genesis event repeats what they say, and what
// no log can repeat, that they are there at all, is seen by the look at all tenants.

import TallyCore
import TallyStore
import TallyTesting
import Tallystick
import Testing

/// Rows of tally.tenant and tally.ledger.
@Suite(.serialized, .specimen) struct TenantTamperingTests {
    private func set(_ columns: String) -> String {
        "UPDATE tally.tenant SET \(columns) WHERE slot = :acme"
    }

    /// Moves a tenant with its whole log to another slot.
    private func move(_ slot: Int, to other: Int) -> String {
        ["tenant", "head", "event"].map {
            "UPDATE tally.\($0) SET slot = \(other) WHERE slot = \(slot);"
        }.joined()
    }

    /// Names of what the look at all tenants finds, and all of its evidence.
    private func look(_ specimen: Specimen) async throws -> ([Named], String) {
        let findings = try await LedgerVerifier(pool: specimen.auditors).check()
        return (findings.map { Named($0) }, findings.map(\.evidence).joined(separator: "\n"))
    }

    @Test("a changed name or region is found")
    func names() async throws {
        try await Specimen.with { specimen in
            for columns in [
                "name_tag = forge.flip(name_tag, 0)", "name_tag = substr(name_tag, 1, 3)",
                #"name_tag = '\x'"#, #"name_tag = name_tag || '\x00'"#,
                "name_sealed = forge.flip(name_sealed, 60, 1)", #"name_sealed = '\x'"#,
                "region = 'us-east'", "region = ''",
            ] {
                try await specimen.tamper(
                    set(columns),
                    finds: [Named(.alteredTenant, 0)],
                    short: ["head": 1]
                )
            }
        }
    }

    @Test("names that were exchanged between tenants are found in both")
    func exchanged() async throws {
        try await Specimen.with { specimen in
            try specimen.run(
                """
                UPDATE tally.tenant SET name_tag = name_tag || '\\x00' WHERE slot > 0;
                UPDATE tally.tenant t SET name_tag = substr(f.name_tag, 1, 16),
                    name_sealed = f.name_sealed
                FROM forge.tenant f WHERE f.slot = 3 - t.slot AND t.slot > 0
                """
            )
            for tenant in [specimen.acme, specimen.other] {
                let verdict = try await specimen.verify(tenant)
                #expect(verdict.named == [Named(.alteredTenant, 0)])
            }
        }
    }

    @Test("a log in another slot is found by itself and by the look at all tenants")
    func slot() async throws {
        try await Specimen.with { specimen in
            for slot in [7, -1, Int(Int32.max), Int(Int32.min)] {
                try specimen.run(move(Int(Specimen.slot), to: slot))
                let (found, evidence) = try await look(specimen)
                #expect(found.contains(Named(.vanishedTenant)), "\(evidence)")
                #expect(found.contains(Named(.alteredTenant)) == (slot < 0))
                #expect(evidence.contains("slot 1 has no tenant"))
                try await specimen.tamper(
                    "SELECT 1",
                    finds: [Named(.alteredTenant, 0), Named(.alteredTenant, 0)],
                    short: ["links": 1, "head": 1]
                )
            }
        }
    }

    @Test("two tenants in one slot are named")
    func sharedSlot() async throws {
        try await Specimen.with { specimen in
            try specimen.run(
                "ALTER TABLE tally.tenant DROP CONSTRAINT tenant_pkey;" + set("slot = 2")
            )
            let (found, evidence) = try await look(specimen)
            #expect(Set(found) == [Named(.vanishedTenant), Named(.alteredTenant)])
            #expect(evidence.contains("shares slot 2"))
            try specimen.restore()
            try specimen.run("ALTER TABLE tally.tenant ADD PRIMARY KEY (slot)")
        }
    }

    @Test("the ledger's own tenant in a slot below 0 is found")
    func ledgerSlot() async throws {
        try await Specimen.with { specimen in
            let id = try specimen.ledgerTenant()
            try specimen.run(move(0, to: -1))
            let verdict = try await TenantVerifier(pool: specimen.auditors, jobs: 1, vault: nil)
                .verify(id) { _ in }
            // An origin is opened in slot 0 alone.
            #expect(Set(verdict.named) == [Named(.alteredTenant, 0), Named(.undecided, 1)])
        }
    }

    @Test("a tenant whose row is gone, or has another id or slot, is named as vanished")
    func vanished() async throws {
        try await Specimen.with { specimen in
            for (change, place) in [
                ("DELETE FROM tally.tenant WHERE slot = :acme", "slot 1"),
                (set("tenant_id = gen_random_uuid()"), specimen.acme.id.hex),
                (set("slot = 7"), "slot 1"),
            ] {
                try specimen.run(change)
                let error = await #expect(throws: Problem.self) {
                    try await specimen.verify(specimen.acme)
                }
                #expect(error?.code == .notFound)
                let (found, evidence) = try await look(specimen)
                #expect(found.contains(Named(.vanishedTenant)), "\(change)")
                #expect(evidence.contains(place), "\(change)\n\(evidence)")
                try specimen.restore()
            }
        }
    }

    @Test("a tenant that is gone with all its rows leaves an empty slot")
    func goneWhole() async throws {
        try await Specimen.with { specimen in
            let tables = ["event", "head", "tenant"]
            let deletes = tables.map { "DELETE FROM tally.\($0) WHERE slot = :acme" }
            try specimen.run(deletes.joined(separator: ";"))
            let (found, evidence) = try await look(specimen)
            #expect(found == [Named(.vanishedTenant)])
            #expect(evidence.contains("slot 1"))
        }
    }

    @Test("another ledger id breaks the beginning of every tenant's log")
    func ledgerID() async throws {
        try await Specimen.with { specimen in
            try specimen.run("UPDATE tally.ledger SET ledger_id = gen_random_uuid()")
            let verifier = TenantVerifier(pool: specimen.auditors, jobs: 1, vault: nil)
            let ids = [specimen.acme.id, specimen.other.id, try specimen.ledgerTenant()]
            for id in ids {
                let verdict = try await verifier.verify(id) { _ in }
                #expect(verdict.named == [Named(.alteredTenant, 0)])
                #expect(verdict.passed["hashes"] == verdict.size)
                #expect(verdict.passed["links"] == verdict.size - 1)
            }
        }
    }

    @Test("another origin is found in the ledger's own log")
    func origin() async throws {
        try await Specimen.with { specimen in
            try specimen.run("UPDATE tally.ledger SET origin = 'evil.example/rounds/1'")
            let verdict = try await TenantVerifier(pool: specimen.auditors, jobs: 1, vault: nil)
                .verify(specimen.ledgerTenant()) { _ in }
            #expect(verdict.named == [Named(.alteredTenant, 1)])
        }
    }

    @Test("a ledger without a row, with two or with another format is named")
    func ledgerRow() async throws {
        try await Specimen.with { specimen in
            for change in [
                "DELETE FROM tally.ledger", "UPDATE tally.ledger SET format = 2",
                "UPDATE tally.ledger SET format = -2147483648",
                "INSERT INTO tally.ledger VALUES (gen_random_uuid(), 'a', 0, 1, false)",
            ] {
                try specimen.run(change)
                #expect(try await look(specimen).0 == [Named(.alteredTenant)])
                try specimen.restore()
            }
            try specimen.run("DELETE FROM tally.tenant; DELETE FROM tally.event")
            let (found, evidence) = try await look(specimen)
            #expect(found == Array(repeating: Named(.vanishedTenant), count: 4))
            #expect(evidence.contains("slot 0 has no tenant"))
        }
    }
}
