// Where nothing was done nothing is found: every check of both tenants counts all it looked at, and
// what could not be checked says so.

import TallyCore
import TallyPostgres
import TallyStore
import TallyTesting
import Tallystick
import Testing

/// What the verifier says of a ledger that nobody touched.
@Suite(.serialized, .specimen) struct IntactLogTests {
    @Test("an untouched ledger has no findings and full counts")
    func untouched() async throws {
        try await Specimen.with { specimen in
            for tenant in [specimen.acme, specimen.other] {
                for opening in [false, true] {
                    let verdict = try await specimen.verify(tenant, opening: opening)
                    #expect(verdict.isIntact, "\(verdict)")
                    #expect(verdict.size == 60)
                    #expect(verdict.passed.count == (opening ? 9 : 7))
                }
            }
            #expect(try await LedgerVerifier(pool: specimen.auditors).check().isEmpty)
        }
    }

    @Test("the ledger's own log has no findings and full counts")
    func ledgerTenant() async throws {
        try await Specimen.with { specimen in
            let verdict = try await TenantVerifier(
                pool: specimen.auditors,
                jobs: 1,
                vault: specimen.ledger.vault
            ).verify(specimen.ledgerTenant()) { _ in }
            #expect(!verdict.isBroken)
            #expect(verdict.size == 2)
            #expect(verdict.checks.allSatisfy { $0.outcome != .broken })
        }
    }

    @Test("a restored specimen is intact again")
    func restored() async throws {
        try await Specimen.with { specimen in
            try specimen.run("DELETE FROM tally.event")
            #expect(try await specimen.verify(specimen.acme).isBroken)
            try specimen.restore()
            #expect(try await specimen.verify(specimen.acme, opening: true).isIntact)
        }
    }

    @Test("checks that have nothing to compare with say so")
    func notRun() async throws {
        try await Specimen.with { specimen in
            let checks = try await specimen.verify(specimen.acme).checks
            let notRun = checks.filter { $0.outcome == .notRun }.map(\.name)
            #expect(notRun == [.checkpoints, .witnesses])
            #expect(checks.filter { $0.outcome == .notAsked }.map(\.name) == [.keys, .columns])
        }
    }
}

extension Specimen {
    /// The tenant in slot 0.
    func ledgerTenant() throws -> TenantID {
        let rows = try attacker.query("SELECT tenant_id FROM tally.tenant WHERE slot = 0")
        return TenantID(try rows.bytes(0, 0)) ?? .zero
    }
}
