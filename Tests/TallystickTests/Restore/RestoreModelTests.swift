// Restores of random histories: the documents are what they were, an undo takes that back, and a
// restore of a restore is a restore.

import TallyCore
import TallyReplay
import TallyStore
import TallyTesting
import Tallystick
import Testing

@Suite(.database)
struct RestoreModelTests {
    /// A random change of one of eight streams, of which some are created, deleted and created
    /// again.
    private static func change(_ random: inout SeededRandom) -> NewEvent {
        let stream = "crm/contact/\(Int.random(in: 0..<8, using: &random))"
        let person = ["maria", "karl", "eva"].randomElement(using: &random) ?? "eva"
        let value = Int.random(in: 0..<5, using: &random)
        let personal: Sections = Bool.random(using: &random) ? [person: #"{"n":\#(value)}"#] : [:]
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<3:
            return .put(stream, type: "put", data: #"{"n":\#(value)}"#, personal: personal)
        case 3..<7:
            return .patch(stream, type: "patch", data: #"{"m":\#(value)}"#, personal: personal)
        case 7: return .note(stream, type: "note")
        default: return .delete(stream, type: "delete")
        }
    }

    private static func write(
        _ count: Int,
        _ tenant: Tenant,
        _ random: inout SeededRandom
    ) async throws {
        for _ in 0..<count { _ = try await tenant.append(change(&random)) }
    }

    @Test(arguments: 1...12)
    func aRestoreIsWhatWasAndAnUndoTakesItBack(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let operators = try await TwoOperators(ledger)
            let restores = ledger.restores
            try await Self.write(Int.random(in: 5...40, using: &random), acme, &random)
            for _ in 0..<3 {
                try await Self.write(Int.random(in: 1...20, using: &random), acme, &random)
                let size = try await acme.count()
                let cut = Int.random(in: 1...size, using: &random)
                let before = try await acme.root()
                let plan = try await restores.plan(acme, at: .position(cut - 1))
                guard !plan.steps.isEmpty else { continue }
                #expect(plan.conflicts.isEmpty)
                let row = try await operators.apply(plan, acme, ledger)
                #expect(row.state == .applied && row.conflicts == 0)
                #expect(try await acme.root() == acme.root(before: cut), "seed \(seed)")
                guard Bool.random(using: &random) else { continue }
                let undo = try await restores.planUndo(row.id)
                #expect(try await operators.apply(undo, acme, ledger).state == .applied)
                #expect(try await acme.root() == before, "seed \(seed)")
            }
            try await Witness.current.expectSound(acme.id, vault: ledger.vault)
            _ = try await ledger.projectionRunner().catchUp(acme.id, ["documents"])
            let verdict = try await ProjectionCheck(
                pool: ledger.readers,
                vault: ledger.vault,
                jobs: 1
            )
            .run(acme.id) { _, _ in }
            #expect(verdict.isSound, "the projection follows reverts, seed \(seed)")
        }
    }

    @Test(arguments: 1...4)
    func changesOfOneActorAreTakenBackAndOthersStay(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let operators = try await TwoOperators(ledger)
            try await Self.write(20, acme, &random)
            let cut = try await acme.count()
            var touched: [String: [String]] = [:]
            for _ in 0..<20 {
                let actor = Bool.random(using: &random) ? "script:bad" : "user:1"
                let event = Self.change(&random)
                _ = try await acme.append(event, actor: actor)
                touched[event.stream, default: []].append(actor)
            }
            let before = try await Self.documents(acme)
            let past = try await Self.documents(acme, at: .position(cut - 1))
            let plan = try await ledger.restores
                .plan(acme, at: .position(cut - 1), .actor("script:bad"))
            _ = try await operators.apply(plan, acme, ledger)
            let after = try await Self.documents(acme)
            for (stream, actors) in touched {
                if actors.allSatisfy({ $0 == "script:bad" }) {
                    #expect(after[stream] == past[stream], "\(stream), seed \(seed)")
                } else if actors.allSatisfy({ $0 == "user:1" }) || actors.last == "user:1" {
                    #expect(after[stream] == before[stream], "\(stream), seed \(seed)")
                }
            }
        }
    }

    /// The documents' contents by stream.
    private static func documents(
        _ tenant: Tenant,
        at moment: Moment? = nil
    ) async throws -> [String: String] {
        let found = try await tenant.documents(limit: 100, at: moment).documents
        return Dictionary(
            uniqueKeysWithValues: found.map { document in
                let personal = document.personal.sorted { $0.key < $1.key }
                return (document.stream, "\(document.data) \(personal)")
            }
        )
    }
}
