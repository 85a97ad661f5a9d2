// A process that is killed with SIGKILL after any step of a rotation or an erasure: the next run
// goes on, no live key is lost and no dead one kept.

import Foundation
import TallyCore
import TallyPostgres
import TallyStore
import TallyTesting
import TallyVault
import Tallystick
import Testing

@Suite(.database, .serialized)
struct KillTests {
    @Test(arguments: RotationStep.allCases)
    func aRotationThatIsKilledIsEndedByTheNext(step: RotationStep) async throws {
        let test = try TestLedger.current
        try await test.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            _ = try await ledger.sampleTenant("globex")
            let operators = try await TwoOperators(ledger)
            let id = try await operators.erasure(of: "maria", acme, ledger)
            _ = try await ledger.erasures.run(id)
        }
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [place = LedgerPlace(test.configuration) as LedgerPlace, name = step.rawValue as String]
            in
            let ledger = try await place.open()
            _ = try await ledger.keys.rotate { step in
                if step.rawValue == name { kill(getpid(), SIGKILL) }
            }
        }
        try await test.open { ledger in
            _ = try await ledger.keys.rotate()
            let epochs = try await ledger.vault.epochs()
            #expect(epochs.count { $0.state == .active } == 1)
            #expect(epochs.dropLast().allSatisfy { $0.state == .destroyed && $0.receipt != nil })
            for name in ["acme", "globex"] {
                let tenant = try await ledger.tenant(named: name)
                let card = try #require(try await tenant.document("crm/contact/3"))
                #expect(card.personal.count == 1, "Karl's key lives")
                try await Witness.current.expectSound(tenant.id, vault: ledger.vault)
            }
            let acme = try await ledger.tenant(named: "acme")
            #expect(await acme.answer([.personal("s", "maria")]).problem == .erased)
            #expect(try await ledger.erasures.list()[0].state == .epochRetired)
        }
    }

    @Test(arguments: ErasureStep.allCases, [false, true])
    func anErasureThatIsKilledIsEndedByTheNextRun(step: ErasureStep, byAgent: Bool) async throws {
        let test = try TestLedger.current
        let id = try await test.open { ledger in
            let owners = try await TenantOwners(in: ledger)
            guard byAgent else {
                return try await TwoOperators(ledger).erasure(of: "maria", owners.tenant, ledger)
            }
            return try await owners.erasure(by: owners.agent, ledger).id
        }
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [
                place = LedgerPlace(test.configuration) as LedgerPlace,
                name = step.rawValue as String, hex = id.hex as String
            ] in
            let ledger = try await place.open()
            let id = try #require(DecisionID(hex))
            _ = try await ledger.erasures.run(id) { step in
                if step.rawValue == name { kill(getpid(), SIGKILL) }
            }
        }
        try await test.open { ledger in
            let acme = try await ledger.tenant(named: "acme")
            #expect(try await ledger.erasures.run(id).state == .purged)
            #expect(try await ledger.erasures.find(id).purgedParts == 3)
            let card = try #require(try await acme.document("crm/contact/1"))
            #expect(card.personal.keys.sorted() == ["karl"])
            #expect(await acme.answer([.personal("s", "maria")]).problem == .erased)
            try await Witness.current.expectSound(acme.id, vault: ledger.vault)
            let live = try Witness.current.keyStore().query(
                "SELECT count(*) FROM tally_keys.key_record WHERE state = 'suspended'"
            )
            #expect(try live.integer(0, 0) == 0, "no key is left between two states")
        }
    }
}
