// A tenant in whose log a decision of every kind stands, for those who tamper with them.

import TallyCore
import TallyCrypto
import Tallystick
import Testing

/// Makes decisions.
enum EveryDecision {
    /// A tenant with a decision of every kind.
    static func make(in ledger: Ledger) async throws -> Tenant {
        let owners = try await TenantOwners(in: ledger)
        let acme = owners.tenant
        let operators = try await TwoOperators(ledger)
        let decisions = ledger.decisions
        let third = try OperatorKey(Ed25519PrivateKey())
        let added = try await decisions.addOperator(third.publicKey, by: operators.asking)
        _ = try await decisions.approve(#require(added.request), with: operators.approving)
        let end = try await decisions.endOperator(third.id, by: operators.asking)
        _ = try await decisions.approve(end.id, with: operators.approving)
        for subject in ["karl", "eva"] {
            let hold = try await decisions.placeHold(
                on: subject,
                of: acme,
                reviewAt: .later,
                by: operators.asking
            )
            _ = try await decisions.approve(hold.id, with: operators.approving)
            guard subject == "eva" else { continue }
            let release = try await decisions.releaseHold(hold.id, by: operators.asking)
            _ = try await decisions.approve(release.id, with: operators.approving)
        }
        let cut = try await acme.count()
        _ = try await acme.append(.delete("crm/contact/1", type: "gone"))
        let plan = try await ledger.restores.plan(acme, at: .position(cut - 1))
        let restore = try await operators.restore(plan, acme, ledger)
        _ = try await ledger.restores.apply(restore)
        let erasure = try await operators.erasure(of: "maria", acme, ledger)
        _ = try await ledger.erasures.run(erasure)
        _ = try await ledger.keys.rotate()
        let back = try await decisions.readmit("maria", to: acme, by: operators.asking)
        _ = try await decisions.approve(back.id, with: operators.approving)
        _ = try await operators.erasure(of: "karl", acme, ledger)
        try await decide(owners, ledger)
        return acme
    }

    /// What owners decide: an erasure that one of them takes back, and the end of another's term.
    private static func decide(_ owners: TenantOwners, _ ledger: Ledger) async throws {
        let erasure = try await ledger.erasures.request(
            tenant: owners.tenant,
            ground: "contract-ended",
            by: owners.carol
        )
        try await ledger.decisions.refuse(erasure.id, ground: "mistaken", by: owners.dan)
        _ = try await ledger.decisions.endOwner(
            owners.dan.id,
            of: owners.tenant,
            by: owners.carol
        )
    }
}
