// Follows the decisions in one log. The database takes signatures without checking them, for it cannot;
// here each one is checked, and whether what was done had been decided.

internal import TallyCrypto

/// Why a decision does not stand.
private struct DecisionFault: Error {
    let evidence: String

    init(_ evidence: String) { self.evidence = evidence }
}

/// Audits the requests, approvals and decided changes of one log.
///
/// Feed it with the log's clear events in their order. Memory grows with requests that wait.
package struct DecisionAudit: Sendable {
    private struct Request: Sendable {
        let plan: Digest
        let requester: OperatorID
        /// `nil` where nobody has to sign, and nobody did.
        let action: ApprovalAction?
        /// Until when the last signature of somebody else counts.
        var approvedUntil: UInt64 = 0
    }

    private let ledger: LedgerID
    private let tenant: TenantID
    private let isOwnLog: Bool
    private var requests: [DecisionID: Request] = [:]
    private var fenced: Set<DecisionID> = []
    /// Who may decide; in the ledger's own log as of the newest event.
    package private(set) var operators: KnownOperators
    /// How many events decided something or carried it out.
    package private(set) var count = 0
    /// How many of them stand.
    package private(set) var sound = 0

    /// Audits the ledger's own log, which names the operators.
    package init(ledger: LedgerID, ownTenant: TenantID) {
        (self.ledger, tenant, isOwnLog, operators) = (ledger, ownTenant, true, KnownOperators())
    }

    /// Audits the log of a tenant; the operators are those of the ledger's own log.
    package init(ledger: LedgerID, tenant: TenantID, operators: KnownOperators) {
        (self.ledger, self.tenant, isOwnLog, self.operators) = (ledger, tenant, false, operators)
    }

    /// Takes the next event.
    ///
    /// - Returns: why it does not stand; `nil` when it does, or decides nothing.
    package mutating func add(_ fact: ClearFact) -> String? {
        do throws(DecisionFault) {
            guard try follow(fact) else { return nil }
            sound += 1
            count += 1
            return nil
        } catch {
            count += 1
            return error.evidence
        }
    }

    /// Follows an event; `false` for one that decides nothing.
    private mutating func follow(_ fact: ClearFact) throws(DecisionFault) -> Bool {
        switch fact.kind {
        case .originOpened:
            if isOwnLog { operators.decideAlone = fact.content["single_operator"] == true }
            return false
        case .operatorAction: return try followAction(fact)
        case .erasureStep: return try followErasure(fact)
        case .keysDestroyed:
            guard let id: DecisionID = fact.id("erasure"), fenced.contains(id) else {
                throw DecisionFault("keys were destroyed of an erasure that nobody decided")
            }
        case .held: _ = try carryOut(fact, request: "hold", [.hold])
        case .released:
            let (hold, id): (DecisionID, _) = try named(fact.id("hold"), by: fact)
            try carryOut(fact, [.release], .release(tenant, hold: hold, id: id))
        case .restoreBegan: try beginRestore(fact)
        case .readmitted:
            let (erasure, id): (DecisionID, _) = try named(fact.id("erasure"), by: fact)
            try carryOut(fact, [.readmission], .readmission(tenant, erasure: erasure, id: id))
        default: return false
        }
        return true
    }

    private mutating func followAction(_ fact: ClearFact) throws(DecisionFault) -> Bool {
        switch fact.text("action") {
        case "request": try open(fact, id: "target")
        case "approve": try approve(fact, id: "target")
        case "refuse": forget(fact, id: "target")
        case "addOperator": try addOperator(fact)
        case "endOperator": try endOperator(fact)
        default: return false
        }
        return true
    }

    private mutating func followErasure(_ fact: ClearFact) throws(DecisionFault) -> Bool {
        switch fact.text("state") {
        case "requested": try open(fact, id: "erasure")
        case "approved": try approve(fact, id: "erasure")
        case "fenced":
            fenced.insert(
                try carryOut(fact, request: "erasure", [.subjectErasure, .tenantErasure])
            )
        case "refused": forget(fact, id: "erasure")
        default: return false
        }
        return true
    }

    /// A request that was refused cannot be carried out any more.
    private mutating func forget(_ fact: ClearFact, id name: JSONString) {
        if let id: DecisionID = fact.id(name) { requests[id] = nil }
    }

    // MARK: - Signatures

    private mutating func open(_ fact: ClearFact, id name: JSONString) throws(DecisionFault) {
        guard let id: DecisionID = fact.id(name), requests[id] == nil,
            let plan = fact.content["plan"]?.bytes.flatMap({ Digest($0) })
        else { throw DecisionFault("a request without a plan, or of an id that another one has") }
        let approval = try soundApproval(fact, id, plan)
        guard approval.map({ $0.approver == $0.requester }) ?? true else {
            throw DecisionFault("whoever asks has not signed the request")
        }
        requests[id] = Request(
            plan: plan,
            requester: approval?.requester ?? .zero,
            action: approval?.action
        )
    }

    private mutating func approve(_ fact: ClearFact, id name: JSONString) throws(DecisionFault) {
        guard let id: DecisionID = fact.id(name), let request = requests[id] else {
            throw DecisionFault("an approval of a request that nobody made")
        }
        guard let approval = try soundApproval(fact, id, request.plan) else { return }
        guard approval.approver != request.requester, approval.requester == request.requester,
            approval.action == request.action
        else { throw DecisionFault("whoever asked has approved, or another request is meant") }
        requests[id]?.approvedUntil = max(request.approvedUntil, approval.expiresAt)
    }

    /// The signature that an event carries; `nil` where nobody has to sign.
    private func soundApproval(
        _ fact: ClearFact,
        _ id: DecisionID,
        _ plan: Digest
    ) throws(DecisionFault) -> Approval? {
        guard let approvals = fact.approvals, approvals.count <= 1 else {
            throw DecisionFault("a signature that is not in the format")
        }
        guard let approval = approvals.first else {
            guard operators.decideAlone else { throw DecisionFault("nobody has signed it") }
            return nil
        }
        guard approval.ledger == ledger, approval.tenant == tenant, approval.request == id,
            approval.plan == plan,
            fact.kind == .erasureStep || fact.id("operator") == approval.approver
        else {
            throw DecisionFault("a signature for another request, plan, tenant or ledger")
        }
        guard operators.haveSigned(approval) else {
            throw DecisionFault("a signature that is not that of an operator of that time")
        }
        return approval
    }

    // MARK: - What was decided is done

    /// Takes the request that an event carries out; it can be carried out once.
    @discardableResult
    private mutating func carryOut(
        _ fact: ClearFact,
        request name: JSONString = "request",
        _ actions: Set<ApprovalAction>,
        _ plan: DecisionPlan? = nil
    ) throws(DecisionFault) -> DecisionID {
        guard let id: DecisionID = fact.id(name), let request = requests[id] else {
            throw DecisionFault("no sound request stands behind it")
        }
        guard request.action.map({ actions.contains($0) }) ?? true,
            plan.map({ $0.digest == request.plan }) ?? true
        else { throw DecisionFault("its request was about something else") }
        guard operators.decideAlone || request.approvedUntil > fact.recordedAt else {
            throw DecisionFault("no other operator's signature counted at that time")
        }
        requests[id] = nil
        return id
    }

    private mutating func beginRestore(_ fact: ClearFact) throws(DecisionFault) {
        guard let id: DecisionID = fact.id("restore"), let request = requests[id],
            fact.content["plan"] == .hex(request.plan.bytes)
        else {
            throw DecisionFault("no sound request stands behind it, or it was about another plan")
        }
        try carryOut(fact, request: "restore", [.restore, .undo])
    }

    /// What an event is about, and the request that it names.
    private func named<Subject>(
        _ subject: Subject?,
        by fact: ClearFact
    ) throws(DecisionFault) -> (Subject, DecisionID) {
        guard let subject, let id: DecisionID = fact.id("request") else {
            throw DecisionFault("it does not say what about, or because of which request")
        }
        return (subject, id)
    }

    private mutating func addOperator(_ fact: ClearFact) throws(DecisionFault) {
        guard isOwnLog,
            let key = fact.content["public_key"]?.bytes.flatMap({ Ed25519PublicKey($0) }),
            fact.id("target") == OperatorID(of: key), operators.key(of: OperatorID(of: key)) == nil
        else { throw DecisionFault("an operator of another id, twice, or in a tenant's log") }
        let (_, id) = try named(key, by: fact)
        if !(operators.isFounding && id == .zero) {
            try carryOut(fact, [.operatorChange], .addition(tenant, of: key, id: id))
        }
        operators.add(key, at: fact.recordedAt)
    }

    private mutating func endOperator(_ fact: ClearFact) throws(DecisionFault) {
        let (ended, id): (OperatorID, _) = try named(fact.id("target"), by: fact)
        guard isOwnLog, operators.key(of: ended) != nil else {
            throw DecisionFault("the end of somebody who was no operator, or in a tenant's log")
        }
        try carryOut(fact, [.operatorChange], .end(tenant, of: ended, id: id))
        operators.end(ended, at: fact.recordedAt)
    }
}
