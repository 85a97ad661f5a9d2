// What stands beside erasures: restriction with its permits, holds, and the way back.

import TallyCore
import TallyCrypto
import TallyPostgres
import TallyStore
import TallyTesting
import TallyVault
import Tallystick
import Testing

@Suite(.database)
struct RestrictionTests {
    @Test func aRestrictedTenantTakesWhatNamesAPurposeAndALockedOneNothing() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            #expect(try await acme.allowsBackgroundWork())
            #expect(try await acme.freeze() != nil)
            #expect(try await !acme.allowsBackgroundWork())
            #expect(await acme.answer([.sample("s")]).problem == .frozen)
            for purpose in ProcessingPurpose.allCases {
                let receipts = try await acme.append([.sample("s")], purpose: purpose)
                #expect(receipts.count == 1)
            }
            #expect(try await acme.freeze(.locked) != nil)
            #expect(try await acme.freeze(.locked) == nil)
            let refused = await #expect(throws: Problem.self) {
                try await acme.append([.sample("s")], purpose: .legalClaims)
            }
            #expect(refused?.code == .frozen)
            #expect(try await acme.thaw() != nil)
            #expect(try await acme.allowsBackgroundWork())
            #expect(await acme.answer([.sample("s")]).receipts.count == 1)
            try await Witness.current.expectSound(acme.id, vault: ledger.vault)
        }
    }

    @Test func anErasureWaitsForAHoldWithEverythingReadable() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            let decisions = ledger.decisions
            let soon = ledger.configuration.now + .seconds(3600)
            let hold =
                try await decisions
                .placeHold(on: "maria", of: acme, reviewAt: soon, by: operators.asking)
            #expect(try await decisions.approve(hold.id, with: operators.approving) == .applied)
            let id = try await operators.erasure(of: "maria", acme, ledger)
            let waits = await #expect(throws: Problem.self) { try await ledger.erasures.run(id) }
            #expect(waits?.code == .hold)
            #expect(try await ledger.erasures.find(id).state == .onHold)
            #expect(try await acme.document("crm/contact/1")?.personal.count == 3)
            #expect(await acme.answer([.personal("s", "maria")]).receipts.count == 1)
            try Witness.current.superuser().execute(
                "UPDATE tally.erasure SET due_from = due_from - 172800000000"
            )
            let release = try await decisions.releaseHold(hold.id, by: operators.approving)
            #expect(try await decisions.approve(release.id, with: operators.asking) == .applied)
            #expect(try await ledger.erasures.runAll().isEmpty)
            let purged = try await ledger.erasures.find(id)
            #expect(purged.state == .purged)
            #expect(!purged.isOverdue(at: ledger.configuration.now), "the wait does not count")
            #expect(purged.dueFrom > purged.requestedAt)
            #expect(try Witness.current.states(acme.id).contains("onHold"))
            try await Witness.current.expectSound(acme.id, vault: ledger.vault)
        }
    }

    @Test func whoIsReadmittedGetsANewKeyAndNothingComesBack() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            let decisions = ledger.decisions
            let never = await #expect(throws: Problem.self) {
                try await decisions.readmit("karl", to: acme, by: operators.asking)
            }
            #expect(never?.code == .notFound)
            let id = try await operators.erasure(of: "maria", acme, ledger)
            _ = try await ledger.erasures.run(id)
            let request = try await decisions.readmit("maria", to: acme, by: operators.asking)
            #expect(await acme.answer([.personal("s", "maria")]).problem == .erased)
            #expect(try await decisions.approve(request.id, with: operators.approving) == .applied)
            #expect(await acme.answer([.personal("s", "maria")]).receipts.count == 1)
            let sections = try await ledger.subjects.sections(of: "maria", in: acme)
            #expect(sections.map(\.stream) == ["s"])
            let keys = try await ledger.subjects.find("maria")[0].keys
            #expect(keys.map(\.generation) == [0, 1, 0], "two of the default class, one of tax")
            try await Witness.current.expectSound(acme.id, vault: ledger.vault)
            let again = try await operators.erasure(of: "maria", acme, ledger)
            #expect(try await ledger.erasures.run(again).purgedParts == 1)
            #expect(await acme.answer([.personal("s", "maria")]).problem == .erased)
        }
    }

    @Test func aSubjectsExportHasEverySectionAndNobodyElses() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            // Behind the trail: found all the same.
            _ = try await acme.append([.personal("late", "maria")])
            let sections = try await ledger.subjects.sections(of: "maria", in: acme)
            #expect(sections.map(\.position) == [1, 2, 3, 5])
            #expect(sections.map(\.retentionClass) == ["", "tax", "", ""])
            #expect(String(decoding: sections[0].data, as: UTF8.self) == #"{"name":"Maria"}"#)
            #expect(try await ledger.subjects.find("nobody").isEmpty)
        }
    }

    @Test func decisionsNeedTwoPeople() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            let decisions = ledger.decisions
            let unsigned = await #expect(throws: Problem.self) {
                try await ledger.erasures.request(subject: "m", of: acme, ground: "g", by: nil)
            }
            #expect(unsigned?.code == .approvalRequired)
            let request = try await ledger.erasures
                .request(subject: "maria", of: acme, ground: "g", by: operators.asking)
            let own = await #expect(throws: Problem.self) {
                try await decisions.approve(request.id, with: operators.asking)
            }
            #expect(own?.code == .forbidden)
            let early = await #expect(throws: Problem.self) {
                try await ledger.erasures.run(request.id)
            }
            #expect(early?.code == .approvalRequired)
            let stranger = try OperatorKey(Ed25519PrivateKey())
            let strange = await #expect(throws: Problem.self) {
                try await decisions.approve(request.id, with: stranger)
            }
            #expect(strange?.code == .forbidden)
            try await decisions.refuse(request.id, ground: "art17-3-b")
            #expect(try await ledger.erasures.find(request.id).state == .refused)
            await #expect(throws: Problem.self) {
                try await decisions.approve(request.id, with: operators.approving)
            }
        }
    }

    @Test func operatorsComeAndGoByTheWordOfTwo() async throws {
        try await TestLedger.current.open { ledger in
            let operators = try await TwoOperators(ledger)
            let decisions = ledger.decisions
            let third = try OperatorKey(Ed25519PrivateKey())
            let added = try await decisions.addOperator(third.publicKey, by: operators.asking)
            let request = try #require(added.request)
            #expect(try await decisions.operators().count == 2)
            #expect(try await decisions.approve(request, with: operators.approving) == .applied)
            #expect(try await decisions.operators().count == 3)
            let end = try await decisions.endOperator(operators.asking.id, by: third)
            #expect(try await decisions.approve(end.id, with: operators.approving) == .applied)
            let ended = await #expect(throws: Problem.self) {
                try await decisions.endOperator(third.id, by: operators.asking)
            }
            #expect(ended?.code == .forbidden)
            let last = try await decisions.endOperator(third.id, by: operators.approving)
            await #expect(throws: Problem.self, "two must remain") {
                try await decisions.approve(last.id, with: third)
            }
            try await Witness.current.expectSound(ledger.ownTenant, vault: ledger.vault)
        }
    }
}
