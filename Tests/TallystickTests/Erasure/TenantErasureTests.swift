// A whole tenant is erased: nothing can be read or recorded, the chain verifies, and the neighbours
// notice nothing.

import TallyCore
import TallyPostgres
import TallyStore
import TallyTesting
import Tallystick
import Testing

@Suite(.database)
struct TenantErasureTests {
    @Test func nothingOfATenantCanBeReadAndItsChainVerifies() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let globex = try await ledger.sampleTenant("globex")
            let operators = try await TwoOperators(ledger)
            let id = try await operators.erasure(of: acme, ledger)
            let erased = try await ledger.erasures.run(id)
            #expect(erased.state == .purged)
            #expect(erased.purgedParts == 9, "four envelopes and five sections")
            #expect(await acme.answer([.sample("s")]).problem == .erased)
            await #expect(throws: Problem.self) { try await acme.document("crm/contact/1") }
            #expect(try Witness.current.derivedRows(acme.id) == 0)
            try await Witness.current.expectSound(acme.id, vault: ledger.vault)
            _ = try await ledger.keys.rotate()
            #expect(try await ledger.erasures.find(id).state == .epochRetired)

            #expect(try await globex.document("crm/contact/1")?.personal.count == 3)
            #expect(await globex.answer([.sample("s")]).receipts.count == 1)
            try await Witness.current.expectSound(globex.id, vault: ledger.vault)
            let stop = try await ledger.projectionRunner().catchUp(acme.id, ["documents", "trail"])
            #expect(stop == nil, "projections go on over an erased log")
        }
    }

    @Test func theLedgersOwnLogIsNeverErased() async throws {
        try await TestLedger.current.open { ledger in
            let own = Tenant(ledger: ledger, name: "_ledger", id: ledger.ownTenant)
            await #expect(throws: Problem.self) {
                _ = try await ledger.erasures.request(tenant: own, ground: "x", by: nil)
            }
        }
    }
}
