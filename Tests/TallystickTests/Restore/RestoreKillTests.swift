// A process that is killed with SIGKILL after any step of a restore: the next one goes on, and what
// comes of it is what an uninterrupted one gives.

import Foundation
import TallyCore
import TallyPostgres
import TallyReplay
import TallyStore
import TallyTesting
import Tallystick
import Testing

@Suite(.database, .serialized)
struct RestoreKillTests {
    private static let streams = 150

    /// A tenant whose streams were all changed since, and a restore of it that two have signed.
    private static func prepare(
        _ ledger: Ledger
    ) async throws -> (tenant: Tenant, operators: TwoOperators, id: DecisionID, cut: Int) {
        let acme = try await ledger.createTenant(named: "acme")
        let operators = try await TwoOperators(ledger)
        func write(_ data: String) async throws {
            let requests = (0..<streams).map {
                AppendRequest(
                    [NewEvent.put("s/\($0)", type: "put", data: data)],
                    id: "\(data)/\($0)"
                )
            }
            for result in await acme.append(requests: requests) { _ = try result.get() }
        }
        try await write(#"{"n":1}"#)
        let cut = try await acme.count()
        try await write(#"{"n":2}"#)
        let plan = try await ledger.restores.plan(acme, at: .position(cut - 1))
        #expect(plan.steps.count == streams)
        return (acme, operators, try await operators.restore(plan, acme, ledger), cut)
    }

    @Test(arguments: RestoreStep.allCases)
    func aRestoreThatIsKilledIsEndedByTheNextRun(step: RestoreStep) async throws {
        try await TestLedger.current.open { ledger in
            let (acme, _, id, cut) = try await Self.prepare(ledger)
            try await RestoreStep.die(step, id)
            let row = try await ledger.restores.apply(id)
            #expect(row.state == .applied && row.applied == Self.streams && row.conflicts == 0)
            #expect(try await acme.root() == acme.root(before: cut))
            #expect(
                try await acme.count() == cut + 2 * Self.streams + 4,
                "nothing is written twice"
            )
            try await Witness.current.expectSound(acme.id, vault: ledger.vault)
        }
    }

    @Test func oneThatIsNotGoneOnWithIsAbortedAndCanBeUndone() async throws {
        try await TestLedger.current.open { ledger in
            let (acme, operators, id, cut) = try await Self.prepare(ledger)
            let before = try await acme.root()
            try await RestoreStep.die(.batchApplied, id)
            let finding = try await ledger.examine().first { $0.topic == "restores" }
            #expect(finding?.state == .weak)
            let other = try await ledger.restores.plan(acme, at: .position(cut - 1))
            let second = try await operators.restore(other, acme, ledger)
            let busy = await #expect(throws: Problem.self) {
                _ = try await ledger.restores.apply(second)
            }
            #expect(busy?.code == .forbidden, "one at a time")
            let row = try await ledger.restores.abort(id)
            #expect(row.state == .aborted && row.applied == 100)
            let over = await #expect(throws: Problem.self) {
                _ = try await ledger.restores.apply(id)
            }
            #expect(over?.code == .forbidden)
            let undo = try await ledger.restores.planUndo(id)
            #expect(undo.steps.count == 100)
            _ = try await operators.apply(undo, acme, ledger)
            #expect(try await acme.root() == before)
            try await Witness.current.expectSound(acme.id, vault: ledger.vault)
        }
    }
}
