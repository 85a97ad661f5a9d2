// Slot 0 is the ledger's own: it can be read and verified by name, and no caller writes into it.

import TallyCore
import TallyStore
import TallyTesting
import Tallystick
import Testing

@Suite(.database, .serialized)
struct OwnLogTests {
    @Test func aCallerCannotAppendToTheLedgersOwnLog() async throws {
        try await TestLedger.current.open { ledger in
            let own = try await ledger.tenant(named: TenantRegistry.ledgerName)
            let before = try await ledger.registry.find(own.name).size
            #expect(await own.answer([.sample("s")]).problem == .forbidden)
            let many = await own.append(requests: [
                AppendRequest([.sample("s")], id: "a"), AppendRequest([.sample("s")], id: "b"),
            ])
            #expect(many.map(\.problem) == [.forbidden, .forbidden])
            #expect(try await ledger.registry.find(own.name).size == before)
        }
    }

    @Test func theDatabaseRefusesItToo() async throws {
        try await TestLedger.current.open { ledger in
            let own = try await ledger.tenant(named: TenantRegistry.ledgerName)
            let acme = try await ledger.createTenant(named: "acme")
            let sealed = try await own.seal([.sample("s")], request: "r")
            let error = await #expect(throws: Problem.self) {
                try await ledger.lanes().append(sealed)
            }
            #expect(error?.code == .forbidden)
            #expect(await acme.answer([.sample("s")]).receipts.count == 1)
        }
    }

    @Test func aClosedLedgerTakesNothing() async throws {
        let ledger = try await Ledger.open(TestLedger.current.configuration)
        let acme = try await ledger.createTenant(named: "acme")
        #expect(await acme.answer([.sample("s")]).receipts.count == 1)
        await ledger.close()
        #expect(await acme.answer([.sample("s")]).problem == .unavailable)
        #expect(try Witness.current.eventCount(acme.id) == 1)
    }
}
