// Who may decide: the first two operators by themselves, later ones and ends of terms by decision.

internal import TallyCrypto

extension DecisionFold {
    mutating func addOperator(_ fact: ClearFact) throws(DecisionFault) {
        try requireOwnLog()
        guard let key = fact.content["public_key"]?.bytes.flatMap({ SignerKey($0) }),
            key.isPoint, fact.id("target") == OperatorID(of: key),
            operators.key(of: OperatorID(of: key)) == nil
        else { throw DecisionFault("an operator of another id, twice, or with no public key") }
        let person: OperatorID? = fact.id("person")
        guard person.map({ operators.person(of: $0) == $0 }) ?? true else {
            throw DecisionFault("another key of a person who has no first one")
        }
        let id: DecisionID = try fact.require("request")
        if !(operators.isFounding && id == .zero) {
            let plan = DecisionPlan.addition(tenant, of: key, person: person, id: id)
            try carryOut(id, fact, [.operatorChange], plan)
        }
        operators.add(key, of: person ?? OperatorID(of: key), at: fact.recordedAt)
    }

    mutating func endOperator(_ fact: ClearFact) throws(DecisionFault) {
        try requireOwnLog()
        let ended: OperatorID = try fact.require("target")
        let id: DecisionID = try fact.require("request")
        guard operators.active.contains(ended) else {
            throw DecisionFault("the end of somebody who is no operator")
        }
        try carryOut(id, fact, [.operatorChange], .end(tenant, of: ended, id: id))
        operators.end(ended, at: fact.recordedAt)
    }
}
