// What tests of restores need: two people who decide, a process that dies at a step, and the root
// of a tenant's documents at a position.

import Foundation
import TallyCore
import TallyCrypto
import TallyReplay
import TallyStore
import TallyTesting
import TallyVault
import Tallystick
import Testing

extension TwoOperators {
    /// A restore that both have signed.
    func restore(
        _ plan: RestorePlan,
        _ tenant: Tenant,
        _ ledger: Ledger
    ) async throws -> DecisionID {
        let request = try await ledger.restores.request(plan, by: asking)
        #expect(request.state == .waiting)
        #expect(try await ledger.decisions.approve(request.id, with: approving) == .approved)
        return request.id
    }

    /// Plans, signs and applies a restore.
    func apply(
        _ plan: RestorePlan,
        _ tenant: Tenant,
        _ ledger: Ledger
    ) async throws -> Restore {
        try await ledger.restores.apply(restore(plan, tenant, ledger))
    }
}

extension Tenant {
    /// How many events there are.
    func count() async throws -> Int { try await ledger.registry.find(name).size }

    /// The state root before a position, folded from the first event on.
    func root(before position: Int) async throws -> Digest {
        let folded = try await LogFold(pool: ledger.readers, vault: ledger.vault)
            .fold(id, before: position)
        let index = try await ledger.vault.indexKey(id)
        var leaves: [BlindTag: Digest] = [:]
        for tag in folded.tags {
            leaves[tag] = try await folded.stream(tag)?.content.map { index.digest(of: $0, tag) }
        }
        return StateLeaves(leaves).root
    }

    /// The state root now.
    func root() async throws -> Digest { try await root(before: count()) }
}

extension RestoreStep {
    /// Applies a restore in a child that dies once a step is reached.
    static func die(_ step: RestoreStep, _ id: DecisionID) async throws {
        let test = try TestLedger.current
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [
                place = LedgerPlace(test.configuration) as LedgerPlace,
                name = step.rawValue as String, hex = id.hex as String
            ] in
            let ledger = try await place.open()
            let id = try #require(DecisionID(hex))
            _ = try await ledger.restores.apply(id) { step, _ in
                if step.rawValue == name { kill(getpid(), SIGKILL) }
            }
        }
    }
}
