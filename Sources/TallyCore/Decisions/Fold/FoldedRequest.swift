// What a log says was asked for, and who has signed it.

package import TallyCrypto

/// A decision request, as its log tells of it.
package struct FoldedRequest: Sendable {
    /// What has become of it; its id is spent for good whatever that is.
    package enum State: String, Sendable {
        case waiting, approved, applied, refused
    }

    /// On whose word it is carried out.
    package enum Authority: String, Sendable {
        /// Two of the ledger's operators.
        case operators
        /// Those to whom the tenant's data belongs.
        case owner
    }

    /// SHA-256 of the plan that was signed.
    package let plan: Digest
    /// Who asked; zeros where nobody has to sign.
    package let requester: OperatorID
    /// `nil` where nobody has to sign, and nobody did.
    package let action: ApprovalAction?
    package let authority: Authority
    /// Before when it is not carried out, so that it can be refused; µs since 1970.
    package let notBefore: UInt64?
    /// The position of the event that asked.
    package let position: UInt64
    /// µs since 1970.
    package let requestedAt: UInt64
    package internal(set) var state = State.waiting
    /// Every signature that an event carries, in the order of the log.
    package internal(set) var approvals: [Approval] = []

    /// Until when the signature of each signer counts.
    var expiries: [OperatorID: UInt64] {
        var expiries: [OperatorID: UInt64] = [:]
        for approval in approvals {
            expiries[approval.approver] = max(
                expiries[approval.approver] ?? 0,
                approval.expiresAt
            )
        }
        return expiries
    }
}
