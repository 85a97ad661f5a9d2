// Restores: begun by decision, one at a time, and ended once.

internal import TallyCrypto

extension DecisionFold {
    mutating func beginRestore(_ fact: ClearFact) throws(DecisionFault) {
        let id: DecisionID = try fact.require("restore")
        guard let request = requests[id], fact.content["plan"] == .hex(request.plan.bytes) else {
            throw DecisionFault("no sound request stands behind it, or it was about another plan")
        }
        guard openRestore == nil else {
            throw DecisionFault("a restore begins while another one goes on")
        }
        guard let cut = fact.content["cut"]?.uint64Value, cut > 0, cut <= fact.position else {
            throw DecisionFault("a restore to a moment that the log has not had")
        }
        try carryOut(id, fact, [.restore, .undo])
        openRestore = id
        restores[id] = FoldedRestore(
            cut: cut,
            beganPosition: fact.position,
            beganAt: fact.recordedAt
        )
    }

    mutating func endRestore(_ fact: ClearFact) throws(DecisionFault) {
        let id: DecisionID = try fact.require("restore")
        guard openRestore == id else {
            throw DecisionFault("a restore ends that does not go on")
        }
        openRestore = nil
        restores[id]?.end = FoldedRestore.End(
            state: fact.text("state") ?? "",
            applied: fact.content["applied"]?.uint64Value ?? 0,
            conflicts: fact.content["conflicts"]?.uint64Value ?? 0,
            position: fact.position,
            at: fact.recordedAt
        )
    }
}
