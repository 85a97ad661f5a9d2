// Erasures, holds and the way back: each state once and in its order, and nothing destroyed or
// purged that was not fenced by decision.

internal import TallyCrypto

extension DecisionFold {
    mutating func followErasure(
        _ fact: ClearFact,
        _ leaves: LeafIndex?
    ) throws(DecisionFault) {
        let id: DecisionID = try fact.require("erasure")
        guard let state = fact.text("state").flatMap({ FoldedErasure.State(rawValue: $0) }) else {
            throw DecisionFault("an erasure in no known state")
        }
        if state == .requested {
            try open(fact, id: id, leaves)
            erasures[id] = FoldedErasure(ground: fact.text("ground") ?? "")
        }
        guard let erasure = erasures[id], state == .requested || erasure.canBecome(state) else {
            throw DecisionFault("an erasure becomes \(state.rawValue) that cannot")
        }
        try take(fact, id, to: state, leaves)
        erasures[id]?.state = state
        if erasures[id]?.times[state] == nil { erasures[id]?.times[state] = fact.recordedAt }
    }

    private mutating func take(
        _ fact: ClearFact,
        _ id: DecisionID,
        to state: FoldedErasure.State,
        _ leaves: LeafIndex?
    ) throws(DecisionFault) {
        switch state {
        case .requested: break
        case .approved: try approve(fact, id: id, leaves)
        case .refused: try refuse(fact, id, leaves)
        case .onHold:
            let hold: DecisionID = try fact.require("hold")
            guard holds[hold].map({ $0.releasedAt == nil }) ?? false else {
                throw DecisionFault("an erasure waits for a hold that is not in force")
            }
        case .fenced:
            try carryOut(id, fact, [.subjectErasure, .tenantErasure])
            erasures[id]?.fencePosition = fact.position
            erasures[id]?.fencedKeys = fact.content["keys"]?.uint64Value ?? 0
        case .keysDestroyed: erasures[id]?.destroyedEpoch = fact.content["epoch"]?.uint64Value
        case .purged:
            guard fact.content["parts"]?.uint64Value == erasures[id]?.purgedParts else {
                throw DecisionFault("another number of parts is purged than the log lists")
            }
            erasures[id]?.backupsUntil = fact.content["backups_until"]?.uint64Value
        case .epochRetired:
            guard fact.content["epoch"]?.uint64Value == erasures[id]?.destroyedEpoch else {
                throw DecisionFault("another epoch is retired than that of the destruction")
            }
        case .final:
            guard let until = erasures[id]?.backupsUntil, until <= fact.recordedAt else {
                throw DecisionFault("an erasure is final before its backups have expired")
            }
        }
    }

    /// The keys of an erasure go once, in events behind the one that says so.
    mutating func destroyKeys(_ fact: ClearFact) throws(DecisionFault) {
        let id: DecisionID = try fact.require("erasure")
        guard let erasure = erasures[id], erasure.state == .keysDestroyed,
            erasure.purgedParts == 0
        else { throw DecisionFault("keys were destroyed of an erasure that nobody decided") }
        let keys = (fact.content["keys"]?.arrayValue ?? []).compactMap {
            $0.bytes.flatMap { Digest($0) }
        }
        guard !keys.isEmpty, Set(keys).count == keys.count, destroyedKeys.isDisjoint(with: keys),
            erasure.destroyedKeys.count + keys.count <= erasure.fencedKeys
        else { throw DecisionFault("keys were destroyed twice, or more than were fenced") }
        destroyedKeys.formUnion(keys)
        erasures[id]?.destroyedKeys.formUnion(keys)
        erasures[id]?.destroyedPositions.append(fact.position)
        destructions[fact.position] = id
    }

    mutating func purgeParts(_ fact: ClearFact) throws(DecisionFault) {
        let behind = (fact.content["destroyed"]?.arrayValue ?? []).compactMap(\.uint64Value)
        guard let id = behind.first.flatMap({ destructions[$0] }),
            erasures[id]?.state == .keysDestroyed,
            behind.allSatisfy({ destructions[$0] == id }),
            let parts = fact.content["parts"]?.arrayValue, !parts.isEmpty
        else { throw DecisionFault("parts were purged that no destruction stands behind") }
        erasures[id]?.purgedParts += UInt64(parts.count)
        erasures[id]?.purgedPositions.formUnion(
            parts.compactMap { $0.arrayValue?.first?.uint64Value }
        )
    }

    mutating func eraseTenant(_ fact: ClearFact) throws(DecisionFault) {
        let id: DecisionID = try fact.require("erasure")
        guard !isOwnLog, erasedBy == nil, erasures[id]?.state == .fenced,
            requests[id]?.action.map({ $0 == .tenantErasure }) ?? true
        else { throw DecisionFault("a tenant is erased that nobody decided to erase") }
        erasedBy = id
    }

    // MARK: - Holds and readmissions

    mutating func hold(_ fact: ClearFact) throws(DecisionFault) {
        let id: DecisionID = try fact.require("hold")
        try carryOut(id, fact, [.hold])
        holds[id] = FoldedHold(
            reviewAt: fact.content["review_at"]?.uint64Value ?? 0,
            placedAt: fact.recordedAt
        )
    }

    mutating func release(_ fact: ClearFact) throws(DecisionFault) {
        let hold: DecisionID = try fact.require("hold")
        let id: DecisionID = try fact.require("request")
        guard holds[hold].map({ $0.releasedAt == nil }) ?? false else {
            throw DecisionFault("a hold is released that is not in force")
        }
        try carryOut(id, fact, [.release], .release(tenant, hold: hold, id: id))
        holds[hold]?.releasedAt = fact.recordedAt
    }

    mutating func readmit(_ fact: ClearFact) throws(DecisionFault) {
        let erasure: DecisionID = try fact.require("erasure")
        let id: DecisionID = try fact.require("request")
        guard erasures[erasure]?.isPurged ?? false else {
            throw DecisionFault("somebody is let in again who was not erased")
        }
        try carryOut(id, fact, [.readmission], .readmission(tenant, erasure: erasure, id: id))
        erasures[erasure]?.readmittedAtPosition = fact.position
    }
}

extension FoldedErasure {
    /// Whether its ciphertext is gone.
    package var isPurged: Bool { [.purged, .epochRetired, .final].contains(state) }

    fileprivate func canBecome(_ next: State) -> Bool {
        switch next {
        case .requested: false
        case .approved: state == .requested
        case .onHold: state == .approved
        case .refused: [.requested, .approved, .onHold].contains(state)
        case .fenced: [.approved, .onHold].contains(state)
        case .keysDestroyed: state == .fenced
        case .purged: state == .keysDestroyed && UInt64(destroyedKeys.count) == fencedKeys
        case .epochRetired: state == .purged
        case .final: state == .epochRetired
        }
    }
}
