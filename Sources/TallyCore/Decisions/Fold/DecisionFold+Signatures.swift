// Signatures that events carry: which ones count, and whose they are.

internal import TallyCrypto

/// What a signature has to be about.
struct SignedThing {
    let id: DecisionID
    let plan: Digest
    /// Before when it is not carried out; signatures count for longer then.
    let notBefore: UInt64?
}

extension DecisionFold {
    /// How long before its event a signature may have been given.
    private static let oldest: UInt64 = 24 * 3600 * 1_000_000
    /// How far the clock of a signer may be ahead of the ledger's, as that of a writer may.
    private static let ahead: UInt64 = 2_000_000
    /// How long a signature may count, from when it was given or from when its request may be
    /// carried out.
    private static let validity: UInt64 = 7 * 24 * 3600 * 1_000_000

    /// The signature that an event carries; `nil` where nobody has to sign.
    func approval(
        of fact: ClearFact,
        _ signed: SignedThing,
        _ leaves: LeafIndex?
    ) throws(DecisionFault) -> Approval? {
        guard let approval = fact.approvals?.first else {
            guard operators.decideAlone else { throw DecisionFault("nobody has signed it") }
            return nil
        }
        guard approval.ledger == ledger, approval.tenant == tenant, approval.request == signed.id,
            approval.plan == signed.plan,
            fact.kind == .erasureStep || fact.id("operator") == approval.approver
        else {
            throw DecisionFault("a signature for another request, plan, tenant or ledger")
        }
        try requireSound(approval, at: fact, signed, leaves)
        return approval
    }

    /// Requires that a signature counts at the time of the event that carries it.
    private func requireSound(
        _ approval: Approval,
        at fact: ClearFact,
        _ signed: SignedThing,
        _ leaves: LeafIndex?
    ) throws(DecisionFault) {
        guard
            isOf(.operators, approval, at: fact.recordedAt)
                || isOf(.owner, approval, at: fact.recordedAt),
            isGenuine(approval)
        else { throw DecisionFault("a signature that is not that of an operator of that time") }
        guard approval.approvedAt <= fact.recordedAt.later(by: Self.ahead),
            approval.approvedAt.later(by: Self.oldest) >= fact.recordedAt
        else { throw DecisionFault("a signature of another time than its event") }
        let start = max(approval.approvedAt, signed.notBefore ?? 0)
        guard approval.expiresAt > fact.recordedAt,
            approval.expiresAt <= start.later(by: Self.validity)
        else { throw DecisionFault("a signature that has run out, or never does") }
        guard leaves?.contains(approval.head, before: fact.position) ?? true else {
            throw DecisionFault("a signature that has seen another log")
        }
    }

    /// Whether the signer's key has made it; an id has one key, whoever it decides as.
    private func isGenuine(_ approval: Approval) -> Bool {
        let key = operators.key(of: approval.approver) ?? owners.terms[approval.approver]?.key
        return key.map(approval.isSigned) ?? false
    }

    /// Whether its signer was an operator, or owner, when it was given and at a time.
    ///
    /// An owner signs what owners decide; whoever decides about anything can refuse.
    func isOf(
        _ authority: FoldedRequest.Authority,
        _ approval: Approval,
        at time: UInt64
    ) -> Bool {
        if authority == .operators {
            return operators.includes(approval.approver, at: approval.approvedAt)
                && operators.includes(approval.approver, at: time)
        }
        let actions = approval.action == .refusal ? KnownOwners.actions : [approval.action]
        return actions.contains { action in
            owners.include(approval.approver, action, at: approval.approvedAt)
                && owners.include(approval.approver, action, at: time)
        }
    }
}
