// Compares what was decided with who signed it: the database takes signatures unseen.

internal import TallyCore
internal import TallyStore

/// Collects the decisions of a log, and folds them once it has been read: operators who were added
/// while it was read are known then.
struct DecisionCheck: Sendable {
    private var facts: [ClearFact] = []
    private var leaves = LeafIndex()
    private(set) var findings: [Finding] = []
    private(set) var count = 0
    private(set) var sound = 0

    /// Takes the next event.
    mutating func pass(_ record: EventRecord) {
        leaves.append(record.hash)
        guard let leaf = record.leaf, !leaf.kind.isSealed, record.isInPlace,
            let clear = record.clear
        else { return }
        guard let fact = ClearFact(leaf, clear: clear) else {
            let fault = "what it says is not canonical JSON"
            return findings.append(Finding(.undecided, at: record.position, fault))
        }
        facts.append(fact)
    }

    /// Folds what was collected.
    mutating func fold(
        _ tenant: TenantFacts,
        _ reader: Session
    ) async throws(Problem) -> DecisionFold {
        if facts.contains(where: \.isSigned) { leaves.index() }
        var fold =
            tenant.slot == 0
            ? DecisionFold(ledger: tenant.ledger, ownTenant: tenant.tenant)
            : DecisionFold(
                ledger: tenant.ledger,
                tenant: tenant.tenant,
                operators: try await OperatorLog(reader: reader).read(tenant.ledger)
            )
        for fact in facts {
            guard let fault = fold.add(fact, seen: leaves) else { continue }
            findings.append(Finding(.undecided, at: Int(clamping: fact.position), fault))
        }
        (count, sound) = (fold.count, fold.sound)
        return fold
    }
}
