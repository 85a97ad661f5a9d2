// Compares what was decided with who signed it: the database takes signatures unseen.

internal import TallyCore

/// Collects the decisions of a log, and audits them once it has been read: operators who were added
/// while it was read are known then.
struct DecisionCheck: Sendable {
    private static let kinds: Set<EventKind> = [
        .originOpened, .operatorAction, .erasureStep, .keysDestroyed, .held, .released, .readmitted,
        .restoreBegan,
    ]

    private var facts: [ClearFact] = []
    private(set) var findings: [Finding] = []
    private(set) var count = 0
    private(set) var sound = 0

    /// Takes the next event.
    mutating func pass(_ record: EventRecord) {
        guard let leaf = record.leaf, Self.kinds.contains(leaf.kind), record.isInPlace,
            let clear = record.clear
        else { return }
        guard let fact = ClearFact(leaf, clear: clear) else {
            let fault = "what it says is not canonical JSON"
            return findings.append(Finding(.undecided, at: record.position, fault))
        }
        facts.append(fact)
    }

    /// Audits what was collected.
    mutating func audit(_ tenant: TenantFacts, _ reader: LogReader) async throws(StoreError) {
        guard !facts.isEmpty else { return }
        var audit =
            tenant.slot == 0
            ? DecisionAudit(ledger: tenant.ledger, ownTenant: tenant.tenant)
            : DecisionAudit(
                ledger: tenant.ledger,
                tenant: tenant.tenant,
                operators: try await OperatorLog(reader: reader).read(tenant.ledger)
            )
        for fact in facts {
            guard let fault = audit.add(fact) else { continue }
            findings.append(Finding(.undecided, at: Int(clamping: fact.position), fault))
        }
        (count, sound) = (audit.count, audit.sound)
    }
}
