// The one rule about decisions: from the checked events of one log, what was decided, by whom, and
// what has been done about it. Verifiers, runs, certificates and registers all ask it.

package import TallyCrypto

/// Why an event does not stand.
struct DecisionFault: Error {
    let evidence: String

    init(_ evidence: String) { self.evidence = evidence }
}

/// Folds the clear events of one log into what was decided and done.
///
/// Feed it with the log's clear events in their order, each checked against its leaf. Requests are
/// kept for good, so that none is carried out twice: memory grows with decisions, not with the log.
package struct DecisionFold: Sendable {
    let ledger: LedgerID
    /// Whose log it is.
    package let tenant: TenantID
    package let isOwnLog: Bool
    /// Who may decide; in the ledger's own log as of the newest event.
    package var operators: KnownOperators
    /// Those to whom the tenant's data belongs.
    package internal(set) var owners = KnownOwners()
    package internal(set) var requests: [DecisionID: FoldedRequest] = [:]
    package internal(set) var erasures: [DecisionID: FoldedErasure] = [:]
    package internal(set) var holds: [DecisionID: FoldedHold] = [:]
    package internal(set) var restores: [DecisionID: FoldedRestore] = [:]
    /// The level of the tenant's restriction, while it is restricted.
    package internal(set) var restriction: UInt64?
    /// The erasure that erased the tenant.
    package internal(set) var erasedBy: DecisionID?
    /// The tenant that this one was cloned from.
    package internal(set) var source: TenantID?
    /// Where the receipt of each destroyed epoch stands; in the ledger's own log.
    package internal(set) var epochs: [UInt64: UInt64] = [:]
    /// What events that do not stand are about: it counts for nothing, and nor do its rows.
    var unfounded: Set<DecisionID> = []
    /// Keys that were destroyed, by whatever erasure.
    package internal(set) var destroyedKeys: Set<Digest> = []
    /// The erasure behind each event that says that keys were destroyed.
    var destructions: [UInt64: DecisionID] = [:]
    /// The restore that goes on.
    var openRestore: DecisionID?
    var hasOrigin = false
    /// The newest event's position.
    package internal(set) var position: UInt64?
    /// How many events decided something or carried it out.
    package private(set) var count = 0
    /// How many of them stand.
    package private(set) var sound = 0

    /// Folds the ledger's own log, which names the operators.
    package init(ledger: LedgerID, ownTenant: TenantID) {
        (self.ledger, tenant, isOwnLog, operators) = (ledger, ownTenant, true, KnownOperators())
    }

    /// Folds the log of a tenant; the operators are those of the ledger's own log.
    package init(ledger: LedgerID, tenant: TenantID, operators: KnownOperators) {
        (self.ledger, self.tenant, isOwnLog, self.operators) = (ledger, tenant, false, operators)
    }

    /// Takes the next event.
    ///
    /// - Parameters:
    ///   - fact: the event.
    ///   - leaves: the leaves of the log, where they are known: what an approval has seen must be
    ///     one of them.
    /// - Returns: why it does not stand; `nil` when it does. One that does not stand counts for
    ///   nothing.
    package mutating func add(_ fact: ClearFact, seen leaves: LeafIndex? = nil) -> String? {
        if fact.decides { count += 1 }
        do throws(DecisionFault) {
            guard ClearForm.fits(fact) else {
                throw DecisionFault("its members are not those of its kind")
            }
            try follow(fact, leaves)
            position = fact.position
            if fact.decides { sound += 1 }
            return nil
        } catch {
            if !fact.decides { count += 1 }
            unfounded.formUnion(
                ["erasure", "hold", "request", "restore", "target"].compactMap { fact.id($0) }
            )
            return error.evidence
        }
    }

    private mutating func follow(
        _ fact: ClearFact,
        _ leaves: LeafIndex?
    ) throws(DecisionFault) {
        switch fact.kind {
        case .genesis:
            source = fact.content["source"]?.objectValue?["tenant"]?.bytes.flatMap { TenantID($0) }
        case .originOpened: try openOrigin(fact)
        case .operatorAction: try followAction(fact, leaves)
        case .erasureStep: try followErasure(fact, leaves)
        case .keysDestroyed: try destroyKeys(fact)
        case .partsPurged: try purgeParts(fact)
        case .tenantErased: try eraseTenant(fact)
        case .held: try hold(fact)
        case .released: try release(fact)
        case .readmitted: try readmit(fact)
        case .restoreBegan: try beginRestore(fact)
        case .restoreEnded: try endRestore(fact)
        case .frozen, .thawed: try restrict(fact)
        case .recorded, .imported: break
        }
    }

    private mutating func followAction(
        _ fact: ClearFact,
        _ leaves: LeafIndex?
    ) throws(DecisionFault) {
        switch fact.text("action") {
        case "request": try open(fact, id: fact.require("target"), leaves)
        case "approve": try approve(fact, id: fact.require("target"), leaves)
        case "refuse": try refuse(fact, fact.require("target"), leaves)
        case "addOperator": try addOperator(fact)
        case "endOperator": try endOperator(fact)
        case "addOwner": try addOwner(fact)
        case "endOwner": try endOwner(fact)
        case "destroyEpoch": try destroyEpoch(fact)
        case "removeProjection": try requireOwnLog()
        default: break
        }
    }

    func requireOwnLog() throws(DecisionFault) {
        guard isOwnLog else {
            throw DecisionFault("what concerns the whole ledger, in a tenant's log")
        }
    }

    /// The ledger's own log begins with its origin, and one person decides alone from there on for
    /// good, or never does.
    private mutating func openOrigin(_ fact: ClearFact) throws(DecisionFault) {
        try requireOwnLog()
        guard !hasOrigin else { throw DecisionFault("an origin is opened a second time") }
        hasOrigin = true
        operators.decideAlone = fact.content["single_operator"] == true
    }

    private mutating func destroyEpoch(_ fact: ClearFact) throws(DecisionFault) {
        try requireOwnLog()
        guard let epoch = fact.content["epoch"]?.uint64Value, epoch > 0, epochs[epoch] == nil else {
            throw DecisionFault("the receipt of an epoch that cannot be, or that has one")
        }
        epochs[epoch] = fact.position
    }

    private mutating func restrict(_ fact: ClearFact) throws(DecisionFault) {
        guard !isOwnLog, erasedBy == nil else {
            throw DecisionFault("the ledger's own log, or that of an erased tenant, is restricted")
        }
        let level = fact.content["level"]?.uint64Value
        guard level != restriction, level.map({ (1...2).contains($0) }) ?? true else {
            throw DecisionFault("a restriction that is so already, or of no known level")
        }
        restriction = level
    }
}

extension ClearFact {
    /// Whether it decides something or carries it out.
    fileprivate var decides: Bool {
        switch kind {
        case .genesis, .frozen, .thawed, .partsPurged, .originOpened, .recorded, .imported: false
        case .operatorAction:
            [
                "request", "approve", "refuse", "addOperator", "endOperator", "addOwner",
                "endOwner",
            ].contains(text("action"))
        default: true
        }
    }

    /// An id that the event must have.
    func require<Tag>(_ name: JSONString) throws(DecisionFault) -> Identifier<Tag> {
        guard let id: Identifier<Tag> = id(name) else {
            throw DecisionFault("it does not say what it is about")
        }
        return id
    }
}
