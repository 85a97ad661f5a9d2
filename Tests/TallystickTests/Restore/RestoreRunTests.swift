// What a restore does beside bringing documents back: it stops for conflicts, forged plans and
// whoever was erased, and for nothing else.

import Foundation
import TallyCore
import TallyCrypto
import TallyPostgres
import TallyReplay
import TallyStore
import TallyTesting
import TallyVault
import Tallystick
import Testing

@Suite(.database)
struct RestoreRunTests {
    @Test func whoWasErasedStaysErasedAndIsCounted() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            let cut = try await acme.count()
            for stream in ["crm/contact/1", "crm/contact/2"] {
                _ = try await acme.append(.delete(stream, type: "contact.deleted"))
            }
            _ = try await ledger.erasures.run(operators.erasure(of: "maria", acme, ledger))
            let plan = try await ledger.restores.plan(acme, at: .position(cut - 1))
            #expect(plan.erasedParts == 3)
            let row = try await operators.apply(plan, acme, ledger)
            #expect(row.state == .applied && row.applied == 2)
            let first = try #require(try await acme.document("crm/contact/1"))
            #expect(first.personal.keys.sorted() == ["karl"] && first.erasedParts == 2)
            #expect(try await acme.root() == acme.root(before: cut), "roots are over part digests")
            try await Witness.current.expectSound(acme.id, vault: ledger.vault)
        }
    }

    @Test func whatWasWrittenSinceThePlanIsAConflictAndStays() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            let cut = try await acme.count()
            for number in 1...3 {
                _ = try await acme.append(.delete("crm/contact/\(number)", type: "gone"))
            }
            let plan = try await ledger.restores.plan(acme, at: .position(cut - 1))
            let id = try await operators.restore(plan, acme, ledger)
            _ = try await acme.append(.put("crm/contact/2", type: "new", data: #"{"kept":1}"#))
            let row = try await ledger.restores.apply(id)
            #expect(row.state == .applied && row.applied == 2 && row.conflicts == 1)
            let conflicts = try await ledger.restores.conflicts(row)
            #expect(conflicts.map(\.stream) == ["crm/contact/2"])
            #expect(conflicts.map(\.isPlanned) == [false])
            #expect(try await acme.document("crm/contact/2")?.data == #"{"kept":1}"#)
            #expect(try await acme.document("crm/contact/1") != nil)
            let again = try await ledger.restores.apply(id)
            #expect(again.endedAt == row.endedAt, "an end is an end")
        }
    }

    @Test func aSwitchLeavesDocumentsAsTheyAre() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let cut = try await acme.count()
            _ = try await acme.append(.delete("crm/contact/2", type: "gone"))
            _ = try await acme.append(.patch("crm/contact/1", type: "patch", data: #"{"x":1}"#))
            _ = try await acme.append(.put("crm/contact/9", type: "new", data: "{}"))
            var plans: [RestorePlan] = []
            let all = [\RestoreSwitches.createsMissing, \.updatesExisting, \.deletesNew]
            for off in all {
                var switches = RestoreSwitches()
                switches[keyPath: off] = false
                plans.append(
                    try await ledger.restores
                        .plan(acme, at: .position(cut - 1), .tenant, switches)
                )
            }
            #expect(plans.map { [$0.steps.count, $0.leftCount] } == [[2, 1], [2, 1], [2, 1]])
            #expect(Set(plans.map { Set($0.steps.map(\.stream)) }).count == 3)
        }
    }

    @Test func collectionsThatAreNeverRewoundStay() async throws {
        var configuration = try TestLedger.current.configuration
        configuration.neverRewind = ["crm/consent"]
        let ledger = try await Ledger.open(configuration)
        let acme = try await ledger.createTenant(named: "acme")
        for stream in ["crm/consent/1", "crm/consent/mail/1", "crm/consents/1", "crm/contact/1"] {
            _ = try await acme.append(.put(stream, type: "new", data: "{}"))
        }
        let plan = try await ledger.restores.plan(acme, at: .position(0))
        #expect(plan.keptCount == 2 && plan.steps.count == 2)
        let contacts = try await ledger.restores
            .plan(acme, at: .position(0), .collection("crm/contact"))
        #expect(contacts.steps.count == 1 && contacts.keptCount == 0)
        let one = try await ledger.restores
            .plan(acme, at: .position(0), .stream("crm/consents/1"))
        #expect(one.steps.count == 1)
        await ledger.close()
    }

    @Test func eventsOfOthersInTheSameStreamAreAConflictOfThePlan() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            let first = try await acme.count()
            for number in 1...2 {
                _ = try await acme.append(
                    .patch("crm/contact/\(number)", type: "bad", data: #"{"stage":"lost"}"#)
                )
            }
            _ = try await acme.append(
                .patch("crm/contact/2", type: "good", data: #"{"stage":"vip"}"#)
            )
            let plan = try await ledger.restores
                .plan(acme, at: .position(first - 1), .events(first..<first + 2))
            #expect(plan.steps.count == 1 && plan.conflicts.count == 1)
            let row = try await operators.apply(plan, acme, ledger)
            let conflicts = try await ledger.restores.conflicts(row)
            #expect(conflicts.map(\.stream) == ["crm/contact/2"])
            #expect(conflicts.map(\.isPlanned) == [true])
            #expect(try await acme.document("crm/contact/1")?.data == #"{"stage":"won"}"#)
            #expect(try await acme.document("crm/contact/2")?.data.contains("vip") == true)
        }
    }

    @Test(arguments: FreezeLevel.allCases)
    func aFrozenTenantIsRestoredAndTakesNothingElse(level: FreezeLevel) async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            let cut = try await acme.count()
            _ = try await acme.append(.delete("crm/contact/1", type: "gone"))
            _ = try await ledger.registry.freeze(acme.id, level)
            let plan = try await ledger.restores.plan(acme, at: .position(cut - 1))
            let row = try await operators.apply(plan, acme, ledger)
            #expect(row.state == .applied && row.applied == 1)
            #expect(try await acme.root() == acme.root(before: cut))
            #expect(await acme.answer([.sample("s")]).problem == .frozen)
            // The purpose counts for as long as the restore goes on.
            let late = ledger.decisionContext.restoring(row.id)
            let sealed = try await acme.seal([.sample("s")], request: "late")
            await #expect(throws: (any Error).self) { _ = try await late.append(sealed) }
            await late.close()
        }
    }

    @Test(arguments: FreezeLevel.allCases)
    func aConflictInAFrozenTenantIsAConflict(level: FreezeLevel) async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            let cut = try await acme.count()
            for number in 1...3 {
                _ = try await acme.append(.delete("crm/contact/\(number)", type: "gone"))
            }
            let plan = try await ledger.restores.plan(acme, at: .position(cut - 1))
            let id = try await operators.restore(plan, acme, ledger)
            _ = try await acme.append(.put("crm/contact/2", type: "new", data: "{}"))
            _ = try await ledger.registry.freeze(acme.id, level)
            let row = try await ledger.restores.apply(id)
            #expect(row.state == .applied && row.applied == 2 && row.conflicts == 1)
        }
    }

    @Test func whoCopiesTheCorrelationIsStillAConflictAndIsNotUndone() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            let cut = try await acme.count()
            for number in 1...2 {
                _ = try await acme.append(.delete("crm/contact/\(number)", type: "gone"))
            }
            let plan = try await ledger.restores.plan(acme, at: .position(cut - 1))
            let id = try await operators.restore(plan, acme, ledger)
            var copy = NewEvent.put("crm/contact/1", type: "reaction", data: "{}")
            copy.correlation = id.hex
            _ = try await acme.append([copy])
            let row = try await ledger.restores.apply(id)
            #expect(row.state == .applied && row.applied == 1 && row.conflicts == 1)
            var other = NewEvent.delete("crm/contact/3", type: "reaction")
            other.correlation = id.hex
            _ = try await acme.append([other])
            let undo = try await ledger.restores.planUndo(id)
            #expect(undo.steps.count == 1, "neither of the copies")
            _ = try await operators.apply(undo, acme, ledger)
            #expect(try await acme.document("crm/contact/1")?.data == "{}")
            #expect(try await acme.document("crm/contact/3") == nil)
        }
    }

    @Test func whatIsNeverRewoundIsAskedAgainWhenItIsApplied() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            let cut = try await acme.count()
            _ = try await acme.append(.delete("crm/contact/1", type: "gone"))
            let plan = try await ledger.restores.plan(acme, at: .position(cut - 1))
            let id = try await operators.restore(plan, acme, ledger)
            var configuration = ledger.configuration
            configuration.neverRewind = ["crm"]
            let careful = try await Ledger.open(configuration)
            let problem = await #expect(throws: Problem.self) {
                _ = try await careful.restores.apply(id)
            }
            #expect(problem?.code == .forbidden)
            #expect(try await acme.document("crm/contact/1") == nil)
            #expect(try await careful.restores.abort(id).state == .aborted)
            await careful.close()
        }
    }

    @Test func aTargetThatIsAnotherThanWasSignedIsAMismatchAlsoBesideAConflict() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            let cut = try await acme.count()
            for number in 1...2 {
                _ = try await acme.append(.delete("crm/contact/\(number)", type: "gone"))
            }
            let plan = try await ledger.restores.plan(acme, at: .position(cut - 1))
            let id = try await operators.restore(plan, acme, ledger)
            _ = try await acme.append(.put("crm/contact/2", type: "new", data: "{}"))
            // Documents leave an event out now that they did not when it was planned.
            try TestLedger.current.attacker().execute(
                """
                INSERT INTO tally.dead_letter
                    (slot, projection, position, reason, failed_at, skipped_by)
                VALUES (1, 'documents', 2, 'x', 0, 1)
                """
            )
            #expect(try await ledger.restores.apply(id).state == .mismatched)
        }
    }

    @Test func anAbortKeepsARunFromWritingOn() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let operators = try await TwoOperators(ledger)
            for number in 0..<150 {
                _ = try await acme.append(.put("s/\(number)", type: "new", data: "{}"))
            }
            let plan = try await ledger.restores.plan(acme, at: .position(0))
            let id = try await operators.restore(plan, acme, ledger)
            let problem = await #expect(throws: Problem.self) {
                _ = try await ledger.restores.apply(id) { step, done in
                    guard step == .batchApplied, done == 100 else { return }
                    do {
                        #expect(try await ledger.restores.abort(id).applied == 100)
                    } catch {
                        Issue.record(error)
                    }
                }
            }
            #expect(problem?.code == .forbidden)
            let row = try await ledger.restores.find(id)
            #expect(row.state == .aborted && row.applied == 100)
            #expect(try await ledger.restores.planUndo(id).steps.count == 100)
        }
    }

    @Test func whoCameBackSinceIsAConflict() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            let cut = try await acme.count()
            let id = try await operators.erasure(of: "maria", acme, ledger)
            _ = try await ledger.erasures.run(id)
            let back = try await ledger.decisions.readmit("maria", to: acme, by: operators.asking)
            _ = try await ledger.decisions.approve(back.id, with: operators.approving)
            _ = try await acme.append([.personal("crm/contact/2", "maria")])
            _ = try await acme.append([.personal("crm/contact/7", "karl")])
            let plan = try await ledger.restores.plan(acme, at: .position(cut - 1))
            #expect(plan.conflicts.count == 1 && plan.steps.count == 1)
            _ = try await operators.apply(plan, acme, ledger)
            #expect(try await acme.document("crm/contact/2")?.personal.keys.sorted() == ["maria"])
        }
    }

    @Test func anEventThatDocumentsLeaveOutIsNoObstacle() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            let cut = try await acme.count()
            let good = NewEvent.patch("crm/contact/1", type: "good", data: #"{"stage":"lost"}"#)
            _ = try await acme.append(good)
            let bad = try await acme.append(
                .patch("crm/contact/1", type: "bad", data: #"{"stage":"x"}"#)
            )
            try Witness.current.superuser().execute(
                """
                SET session_replication_role = replica;
                UPDATE tally.event SET body = set_byte(body, 80, 255 - get_byte(body, 80))
                WHERE slot = 1 AND position = \(bad.position)
                """
            )
            let projections = ledger.projectionRunner()
            let stop = try await projections.catchUp(acme.id, [BuiltInProjection.documents])
            #expect(stop?.position == bad.position)
            _ = try await ledger.projections
                .skip(bad.position, in: "documents", of: acme, reason: "OPS-3")
            let plan = try await ledger.restores.plan(acme, at: .position(cut - 1))
            #expect(plan.steps.map(\.version) == [bad.version])
            let row = try await operators.apply(plan, acme, ledger)
            #expect(row.state == .applied && row.conflicts == 0)
            #expect(try await acme.document("crm/contact/1")?.data == #"{"stage":"won"}"#)
        }
    }
}
