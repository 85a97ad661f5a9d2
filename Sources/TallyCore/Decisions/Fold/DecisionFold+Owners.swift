// Owners of a tenant's data: the first come with the tenant, more by an owner's decision. A
// lost one is replaced by operators, who have to wait for somebody's objection.

internal import TallyCrypto

extension DecisionFold {
    /// How long what one owner, or the operators, decided about a tenant can be refused before it
    /// is done.
    static let objection: UInt64 = 72 * 3600 * 1_000_000

    mutating func addOwner(_ fact: ClearFact) throws(DecisionFault) {
        guard !isOwnLog, let key = fact.content["public_key"]?.bytes.flatMap({ SignerKey($0) }),
            key.isPoint, fact.id("target") == OperatorID(of: key),
            owners.terms[OperatorID(of: key)] == nil
        else { throw DecisionFault("an owner of another id, twice, or with no public key") }
        guard let actions = fact.ownerActions else {
            throw DecisionFault("an owner of what owners do not decide")
        }
        let id: DecisionID = try fact.require("request")
        let isFounder = id == .zero && fact.position == UInt64(owners.terms.count) + 1
        if !isFounder {
            let plan = DecisionPlan.ownerAddition(tenant, of: key, actions, id: id)
            try requireDelay(id, fact)
            try carryOut(id, fact, [.ownerChange], plan)
        }
        try setQuorum(fact)
        owners.add(key, actions, at: fact.recordedAt)
    }

    /// Only the first owner's event says how many a decision needs.
    private mutating func setQuorum(_ fact: ClearFact) throws(DecisionFault) {
        guard let quorum = fact.content["quorum"]?.uint64Value else { return }
        guard fact.position == 1, (1...2).contains(quorum) else {
            throw DecisionFault("another number of owners than the first event said")
        }
        owners.quorum = Int(quorum)
    }

    private func requireDelay(_ id: DecisionID, _ fact: ClearFact) throws(DecisionFault) {
        guard let request = requests[id], request.authority == .operators else { return }
        guard fact.recordedAt >= request.requestedAt.later(by: Self.objection) else {
            throw DecisionFault("an owner is replaced before anybody could refuse it")
        }
    }

    /// Operators end nobody's term.
    mutating func endOwner(_ fact: ClearFact) throws(DecisionFault) {
        let ended: OperatorID = try fact.require("target")
        let id: DecisionID = try fact.require("request")
        guard let term = owners.terms[ended], term.endedAt == nil else {
            throw DecisionFault("the end of somebody who is no owner")
        }
        guard requests[id]?.authority == .owner else {
            throw DecisionFault("the end of an owner whom no owner has ended")
        }
        try carryOut(id, fact, [.ownerChange], .ownerEnd(tenant, of: ended, id: id))
        owners.end(ended, at: fact.recordedAt)
    }
}

extension ClearFact {
    /// What an owner may decide, in the order of numbers, each once.
    fileprivate var ownerActions: Set<ApprovalAction>? {
        let numbers = content["actions"]?.arrayValue?.map(\.uint64Value) ?? []
        let actions = numbers.compactMap {
            $0.flatMap { ApprovalAction(rawValue: UInt8(clamping: $0)) }
        }
        guard !numbers.isEmpty, actions.count == numbers.count,
            actions.allSatisfy(KnownOwners.actions.contains)
        else { return nil }
        return Set(actions)
    }
}
