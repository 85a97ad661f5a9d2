// Two people who decide together, as the tests of erasures need them.

import TallyCore
import TallyCrypto
import TallyStore
import Tallystick
import Testing

/// Two registered operators of a ledger.
struct TwoOperators {
    let asking: OperatorKey
    let approving: OperatorKey

    init(_ ledger: Ledger) async throws {
        asking = try OperatorKey(Ed25519PrivateKey())
        approving = try OperatorKey(Ed25519PrivateKey())
        let decisions = ledger.decisions
        for key in [asking, approving] {
            #expect(try await decisions.addOperator(key.publicKey, by: nil).operator == key.id)
        }
    }

    /// An erasure of a subject that both have signed.
    func erasure(
        of subject: String,
        _ tenant: Tenant,
        classes: [String]? = nil,
        _ ledger: Ledger
    ) async throws -> DecisionID {
        let request = try await ledger.erasures.request(
            subject: subject,
            of: tenant,
            classes: classes,
            ground: "art17-1-a",
            by: asking
        )
        #expect(request.state == .waiting)
        #expect(try await ledger.decisions.approve(request.id, with: approving) == .approved)
        return request.id
    }

    /// An erasure of a whole tenant that both have signed.
    func erasure(of tenant: Tenant, _ ledger: Ledger) async throws -> DecisionID {
        let request = try await ledger.erasures.request(
            tenant: tenant,
            ground: "contract-ended",
            by: asking
        )
        _ = try await ledger.decisions.approve(request.id, with: approving)
        return request.id
    }
}
