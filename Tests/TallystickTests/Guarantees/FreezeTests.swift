// A frozen tenant takes nothing new, and still owes everybody the receipts of what it took
// before; the ledger's own tenant cannot be frozen at all.

import TallyCore
import TallyStore
import TallyTesting
import Tallystick
import Testing

@Suite(.database, .serialized)
struct FreezeTests {
    @Test func aFrozenTenantRefusesAppendsUntilItIsThawed() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let old = await acme.answer([.sample("s", .noStream)], request: "old")
            #expect(try await ledger.registry.freeze(acme.id) == 2)
            #expect(try await ledger.registry.freeze(acme.id) == nil)
            #expect(await acme.answer([.sample("s")]).problem == .frozen)
            #expect(await acme.answer([.sample("s", .version(5))]).problem == .frozen)
            #expect(
                await acme.answer([.sample("s", .noStream)], request: "old").receipts
                    == old.receipts
            )
            #expect(
                await acme.answer([.sample("t", .noStream)], request: "old").problem
                    == .requestReused
            )
            #expect(try await ledger.registry.thaw(acme.id) == 3)
            #expect(try await ledger.registry.thaw(acme.id) == nil)
            let next = await acme.answer([.sample("s", .version(1))])
            #expect(next.receipts.map(\.position) == [4])
            #expect(next.receipts.map(\.version) == [2])
            try await Witness.current.expectSound(acme.id, vault: ledger.vault)
        }
    }

    @Test func whatWasAcceptedBeforeAFreezeUnderLoadIsStoredAndNothingAfter() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let milestones = Milestones()
            async let frozenAt = freeze(acme, after: 100, milestones)
            let answers = await callers(32) { _ in
                var mine: [Answer] = []
                while mine.last?.problem == nil {
                    mine.append(await acme.answer([.sample("s")]))
                    milestones.reachNext()
                }
                return mine
            }.flatMap { $0 }
            let position = try #require(try await frozenAt)
            #expect(answers.count { $0.problem == .frozen } == 32)
            let receipts = answers.flatMap(\.receipts)
            #expect(receipts.count == answers.count - 32)
            #expect(receipts.allSatisfy { $0.position < position })
            #expect(try Witness.current.eventCount(acme.id) == receipts.count)
            try Witness.current.expectTrue(receipts, acme.id)
            try await Witness.current.expectSound(acme.id)
        }
    }

    @Test func theLedgersOwnTenantCannotBeFrozen() async throws {
        try await TestLedger.current.open { ledger in
            let own = try #require(try await ledger.registry.list().first { $0.slot == 0 })
            let error = await #expect(throws: Problem.self) {
                try await ledger.registry.freeze(own.id)
            }
            #expect(error?.code == .forbidden)
            #expect(try await ledger.registry.list().first?.state == 0)
        }
    }

    private func freeze(
        _ tenant: Tenant,
        after count: Int,
        _ milestones: Milestones
    ) async throws -> Int? {
        await milestones.reached(count)
        return try await tenant.ledger.registry.freeze(tenant.id)
    }
}
