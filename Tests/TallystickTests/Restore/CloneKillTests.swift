// A process that is killed with SIGKILL while it makes a clone: the next one goes on, and nothing
// is copied twice.

import Foundation
import TallyCore
import TallyPostgres
import TallyReplay
import TallyStore
import TallyTesting
import Tallystick
import Testing

@Suite(.database, .serialized)
struct CloneKillTests {
    private static let streams = 1200

    private static func prepare(
        _ ledger: Ledger
    ) async throws -> (tenant: Tenant, operators: TwoOperators, id: DecisionID) {
        let acme = try await ledger.createTenant(named: "acme")
        let operators = try await TwoOperators(ledger)
        for start in stride(from: 0, to: streams, by: 400) {
            _ = try await acme.append((start..<start + 400).map { .personal("s/\($0)", "p") })
        }
        let id = try await operators.clone(acme, at: .position(streams), into: "copy", ledger)
        return (acme, operators, id)
    }

    @Test(arguments: RestoreStep.allCases)
    func aCloneThatIsKilledIsMadeWholeByTheNextRun(step: RestoreStep) async throws {
        try await TestLedger.current.open { ledger in
            let (acme, _, id) = try await Self.prepare(ledger)
            try await RestoreStep.die(step, id)
            let copy = try await ledger.tenant(named: "copy")
            await #expect(throws: Problem.self, "still frozen") {
                _ = try await copy.append(.put("s", type: "t", data: "{}"))
            }
            let row = try await ledger.restores.apply(id)
            #expect(row.state == .applied && row.applied == Self.streams)
            #expect(try await copy.content() == acme.content())
            #expect(try await copy.count() == Self.streams + 3, "genesis, frozen and thawed")
            try await Witness.current.expectSound(copy.id, vault: ledger.vault)
        }
    }

    @Test func anAbortedCloneStaysFrozenAndCanBeErased() async throws {
        try await TestLedger.current.open { ledger in
            let (_, operators, id) = try await Self.prepare(ledger)
            try await RestoreStep.die(.batchApplied, id)
            let row = try await ledger.restores.abort(id)
            #expect(row.state == .aborted && row.applied == 1000)
            let copy = try await ledger.tenant(named: "copy")
            await #expect(throws: Problem.self) {
                _ = try await copy.append(.put("s", type: "t", data: "{}"))
            }
            let erasure = try await operators.erasure(of: copy, ledger)
            #expect(try await ledger.erasures.run(erasure).state == .purged)
        }
    }

    @Test func aCloneThatWasErasedHalfwayCanStillBeAborted() async throws {
        try await TestLedger.current.open { ledger in
            let (acme, operators, id) = try await Self.prepare(ledger)
            try await RestoreStep.die(.batchApplied, id)
            let copy = try await ledger.tenant(named: "copy")
            await #expect(throws: Problem.self, "nobody opens it before it is whole") {
                _ = try await ledger.registry.thaw(copy.id)
            }
            let erasure = try await operators.erasure(of: copy, ledger)
            _ = try await ledger.erasures.run(erasure)
            await #expect(throws: Problem.self) { _ = try await ledger.restores.apply(id) }
            #expect(try await ledger.restores.abort(id).state == .aborted)
            let next = try await operators.clone(acme, at: .position(5), into: "again", ledger)
            #expect(try await ledger.restores.apply(next).state == .applied)
        }
    }

    @Test func somebodyWhoIsErasedWhileACloneIsMadeIsErasedFromIt() async throws {
        try await TestLedger.current.open { ledger in
            let (acme, operators, id) = try await Self.prepare(ledger)
            try await RestoreStep.die(.batchApplied, id)
            let erasure = try await operators.erasure(of: "p", acme, ledger)
            _ = try await ledger.erasures.run(erasure)
            let row = try await ledger.restores.apply(id)
            #expect(row.state == .applied && row.applied == Self.streams)
            let copy = try await ledger.tenant(named: "copy")
            #expect(try await copy.content().values.allSatisfy { $0.count == 1 })
            try await Witness.current.expectSound(copy.id, vault: ledger.vault)
        }
    }
}
