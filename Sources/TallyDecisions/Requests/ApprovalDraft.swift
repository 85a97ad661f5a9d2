// What is about to be signed: all of an approval but who signs it, and when.

package import TallyCore
package import TallyCrypto

/// An approval that somebody is asked for.
package struct ApprovalDraft: Sendable, Equatable {
    /// How long a signature counts, from when it is given or from when its request may be carried
    /// out.
    package static let validity: UInt64 = 7 * 24 * 3600 * 1_000_000

    package var action: ApprovalAction
    package let ledger: LedgerID
    package let tenant: TenantID
    package let request: DecisionID
    /// The canonical JSON of the plan.
    package let plan: [UInt8]
    package var head: Digest
    package var requester: OperatorID

    /// Collects what a file says.
    package init(
        action: ApprovalAction,
        ledger: LedgerID,
        tenant: TenantID,
        request: DecisionID,
        plan: [UInt8],
        head: Digest,
        requester: OperatorID
    ) {
        (self.action, self.ledger, self.tenant) = (action, ledger, tenant)
        (self.request, self.plan, self.head) = (request, plan, head)
        self.requester = requester
    }

    /// A plan that its requester signs first.
    init(_ plan: DecisionPlan, ledger: LedgerID, head: Digest, requester: OperatorID) {
        self.init(
            action: plan.action,
            ledger: ledger,
            tenant: plan.tenant,
            request: plan.id,
            plan: plan.json,
            head: head,
            requester: requester
        )
    }

    /// A request that waits for a signature.
    package init(_ row: DecisionRequest, ledger: LedgerID) {
        self.init(
            action: row.action,
            ledger: ledger,
            tenant: row.tenant,
            request: row.id,
            plan: row.plan,
            head: row.head,
            requester: row.requester
        )
    }

    /// Before when the plan is not carried out, µs since 1970.
    private var notBefore: UInt64? {
        (try? JSONReader.parse(plan))?.objectValue?["not_before"]?.uint64Value
    }

    /// The approval of a signer at a time, µs since 1970; not yet signed.
    package func approval(by signer: OperatorID, at time: UInt64) -> Approval {
        Approval(
            action: action,
            ledger: ledger,
            tenant: tenant,
            request: request,
            plan: SHA256.hash(plan),
            head: head,
            requester: requester,
            approver: signer,
            approvedAt: time,
            expiresAt: max(time, action == .refusal ? 0 : notBefore ?? 0) + Self.validity
        )
    }
}
