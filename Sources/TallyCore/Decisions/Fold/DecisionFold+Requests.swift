// Requests: asked for once, signed, refused or carried out once.

internal import TallyCrypto

extension DecisionFold {
    mutating func open(
        _ fact: ClearFact,
        id: DecisionID,
        _ leaves: LeafIndex?
    ) throws(DecisionFault) {
        guard requests[id] == nil else {
            throw DecisionFault("a request of an id that another one has")
        }
        guard let plan = fact.content["plan"]?.bytes.flatMap({ Digest($0) }) else {
            throw DecisionFault("a request without a plan")
        }
        let signed = SignedThing(id: id, plan: plan, notBefore: fact.notBefore)
        let approval = try approval(of: fact, signed, leaves)
        guard approval.map({ $0.approver == $0.requester }) ?? true else {
            throw DecisionFault("whoever asks has not signed the request")
        }
        try requireKind(fact, approval?.action)
        let authority = authority(of: approval, at: fact.recordedAt)
        try requireWait(fact, approval?.action, authority)
        var request = FoldedRequest(
            plan: plan,
            requester: approval?.requester ?? .zero,
            action: approval?.action,
            authority: authority,
            notBefore: fact.notBefore,
            position: fact.position,
            requestedAt: fact.recordedAt
        )
        request.approvals = approval.map { [$0] } ?? []
        requests[id] = request
        if operators.decideAlone, authority == .operators { settle(id) }
    }

    /// Erasures are asked for by steps of erasures, all else by actions.
    private func requireKind(_ fact: ClearFact, _ action: ApprovalAction?) throws(DecisionFault) {
        guard let action else { return }
        let isErasure = [.subjectErasure, .tenantErasure].contains(action)
        guard isErasure == (fact.kind == .erasureStep), isOwnLog == (action == .operatorChange),
            action != .refusal
        else { throw DecisionFault("a request that another kind of event, or log, asks for") }
    }

    /// What an owner alone decides about a whole tenant waits, and nothing else does.
    private func requireWait(
        _ fact: ClearFact,
        _ action: ApprovalAction?,
        _ authority: FoldedRequest.Authority
    ) throws(DecisionFault) {
        let waits = authority == .owner && action == .tenantErasure
        let earliest = fact.recordedAt.later(by: Self.objection)
        guard fact.notBefore.map({ $0 >= earliest && waits }) ?? !waits
        else { throw DecisionFault("an erasure that does not wait for who may refuse it") }
    }

    /// Whoever the tenant's data belongs to decides as that.
    private func authority(of approval: Approval?, at time: UInt64) -> FoldedRequest.Authority {
        guard let approval else { return .operators }
        return owners.include(approval.approver, approval.action, at: time) ? .owner : .operators
    }

    mutating func approve(
        _ fact: ClearFact,
        id: DecisionID,
        _ leaves: LeafIndex?
    ) throws(DecisionFault) {
        guard let request = requests[id] else {
            throw DecisionFault("an approval of a request that nobody made")
        }
        guard [.waiting, .approved].contains(request.state) else {
            throw DecisionFault("an approval of a request that was ended")
        }
        let needsNone = fact.kind == .erasureStep && isApproved(request, at: fact.recordedAt)
        if fact.isSigned || !needsNone { try sign(fact, id, request, leaves) }
        if requests[id].map({ isApproved($0, at: fact.recordedAt) }) ?? false { settle(id) }
    }

    private mutating func sign(
        _ fact: ClearFact,
        _ id: DecisionID,
        _ request: FoldedRequest,
        _ leaves: LeafIndex?
    ) throws(DecisionFault) {
        let signed = SignedThing(id: id, plan: request.plan, notBefore: request.notBefore)
        guard let approval = try approval(of: fact, signed, leaves) else { return }
        guard approval.requester == request.requester, approval.action == request.action,
            isOf(request.authority, approval, at: fact.recordedAt),
            !isSamePerson(approval.approver, request), !request.approvals.contains(approval)
        else { throw DecisionFault("whoever asked has approved, or another request is meant") }
        requests[id]?.approvals.append(approval)
    }

    private func isSamePerson(_ signer: OperatorID, _ request: FoldedRequest) -> Bool {
        guard request.authority == .operators else { return signer == request.requester }
        return operators.person(of: signer) == operators.person(of: request.requester)
    }

    /// What waits for a run is approved; all else is done by an event of its own.
    private mutating func settle(_ id: DecisionID) {
        guard let request = requests[id], request.state == .waiting else { return }
        switch request.action {
        case .restore, .undo, .subjectErasure, .tenantErasure: requests[id]?.state = .approved
        case .ownerChange where request.authority == .operators:
            requests[id]?.state = .approved
        default: break
        }
    }

    /// A request that was refused is never carried out; that of an owner, owners alone refuse.
    mutating func refuse(
        _ fact: ClearFact,
        _ id: DecisionID,
        _ leaves: LeafIndex?
    ) throws(DecisionFault) {
        guard let request = requests[id], [.waiting, .approved].contains(request.state),
            (erasures[id] != nil) == (fact.kind == .erasureStep)
        else { throw DecisionFault("a request is refused that nobody made, or that is ended") }
        if fact.isSigned {
            let signed = SignedThing(id: id, plan: request.plan, notBefore: nil)
            try requireRefusal(approval(of: fact, signed, leaves), of: request, fact)
        } else if request.authority == .owner {
            throw DecisionFault("an owner's request is refused by nobody's signature")
        }
        requests[id]?.state = .refused
    }

    private func requireRefusal(
        _ approval: Approval?,
        of request: FoldedRequest,
        _ fact: ClearFact
    ) throws(DecisionFault) {
        guard let approval, approval.action == .refusal, approval.approver == approval.requester,
            mayRefuse(approval, request, at: fact.recordedAt)
        else { throw DecisionFault("a refusal that another thing was signed for, or by another") }
    }

    /// Operators refuse what operators ask for; owners, whoever has asked, what they could decide
    /// themselves, and those who decide about owners whatever any owner could.
    private func mayRefuse(
        _ approval: Approval,
        _ request: FoldedRequest,
        at time: UInt64
    ) -> Bool {
        if request.authority == .operators, isOf(.operators, approval, at: time) { return true }
        guard request.action.map(KnownOwners.actions.contains) ?? true else { return false }
        return [request.action, .ownerChange].compactMap { $0 }.contains { action in
            owners.include(approval.approver, action, at: approval.approvedAt)
                && owners.include(approval.approver, action, at: time)
        }
    }

    /// Takes the request that an event carries out; it can be carried out once.
    ///
    /// Whoever is no operator or owner any more has not signed: neither as requester nor as
    /// approver.
    mutating func carryOut(
        _ id: DecisionID,
        _ fact: ClearFact,
        _ actions: Set<ApprovalAction>,
        _ plan: DecisionPlan? = nil
    ) throws(DecisionFault) {
        guard let request = requests[id], [.waiting, .approved].contains(request.state) else {
            throw DecisionFault("no sound request stands behind it")
        }
        guard request.action.map({ actions.contains($0) }) ?? true,
            plan.map({ $0.digest == request.plan }) ?? true
        else { throw DecisionFault("its request was about something else") }
        guard isApproved(request, at: fact.recordedAt) else {
            throw DecisionFault("no other operator's signature counted at that time")
        }
        guard request.notBefore.map({ $0 <= fact.recordedAt }) ?? true else {
            throw DecisionFault("it is carried out before its time has come")
        }
        requests[id]?.state = .applied
    }

    /// Whether enough people stand behind a request at a time, µs since 1970.
    package func isApproved(_ request: FoldedRequest, at time: UInt64) -> Bool {
        let signers = request.expiries.filter { $0.value > time }.keys
        switch request.authority {
        case .owner:
            guard let action = request.action else { return false }
            return signers.count { owners.include($0, action, at: time) } >= owners.quorum
        case .operators:
            return operators.decideAlone
                || operators.includes(request.requester, at: time)
                    && signers.contains {
                        operators.includes($0, at: time) && !isSamePerson($0, request)
                    }
        }
    }
}

extension UInt64 {
    /// A time that may come from anybody, some while later; the last one there is at most.
    func later(by duration: UInt64) -> UInt64 {
        let (time, isOver) = addingReportingOverflow(duration)
        return isOver ? .max : time
    }
}

extension ClearFact {
    /// Before when what it asks for is not carried out, µs since 1970.
    var notBefore: UInt64? { content["not_before"]?.uint64Value }
}
