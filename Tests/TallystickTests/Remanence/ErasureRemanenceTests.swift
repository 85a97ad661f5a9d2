// An erasure as an adversary sees it who holds every file that there ever was, and every living
// KEK.

import TallyTesting
import TallyVault
import Tallystick
import Testing

@Suite struct ErasureRemanenceTests {
    @Test func anErasedKeyIsOutOfReachOnceTheKEKOfItsEpochIsDestroyed() async throws {
        let site = try await RemanenceSite.create()
        let ledger = site.ledger
        let acme = try await ledger.sampleTenant("acme")
        let victim = try await site.target("maria", of: acme)
        let control = try await site.target("karl", of: acme)
        try await site.capture("before")
        let id = try await TwoOperators(ledger).erasure(of: "maria", acme, ledger)
        _ = try await ledger.erasures.run(id)
        #expect(try await site.recoverable([victim, control]) == [victim, control])
        #expect(try await ledger.keys.rotate().destroyed == [1])
        try await site.capture("after")
        #expect(try await site.recoverable([victim, control]) == [control])
        try await site.stop()
        site.dedicated.remove()
    }

    @Test func anErasedTenantsKeysAreOutOfReachAndItsNeighboursAreNot() async throws {
        let site = try await RemanenceSite.create()
        let ledger = site.ledger
        let acme = try await ledger.sampleTenant("acme")
        let globex = try await ledger.sampleTenant("globex")
        let victims: Set = [
            try await site.target("maria", of: acme), try await site.target("karl", of: acme),
        ]
        let control = try await site.target("karl", of: globex)
        try await site.capture("before")
        let id = try await TwoOperators(ledger).erasure(of: acme, ledger)
        _ = try await ledger.erasures.run(id)
        let all = victims.union([control])
        #expect(try await site.recoverable(all) == all)
        _ = try await ledger.keys.rotate()
        try await site.capture("after")
        #expect(try await site.recoverable(all) == [control])
        try await site.stop()
        site.dedicated.remove()
    }
}
