// Looks at the signatures under an erasure before a key is touched: the database takes them unseen, and
// whoever holds the keys must not believe it.

internal import TallyCore
internal import TallyStore

/// Checks who stands behind an erasure.
struct ApprovalCheck: Sendable {
    private let ledger: Ledger

    init(_ ledger: Ledger) {
        self.ledger = ledger
    }

    /// Throws unless two operators, or the one who decides alone, have decided just this erasure.
    ///
    /// - Throws: `refused` for a signature that is not that of an operator whom the ledger's own log
    ///   names on good grounds, and for a register that says something else than was signed.
    func requireSound(_ erasure: ErasureRow) async throws(StoreError) {
        let plan = DecisionPlan.erasure(
            of: erasure.tenant,
            erasure.scope,
            ground: erasure.ground,
            id: erasure.id
        )
        let request = try await ErasureRegister(pool: ledger.erasers).request(erasure.id)
        let operators = try await OperatorLog(pool: ledger.readers).read(ledger.row.id)
        let sound = request.approvals.compactMap { try? Approval(decoding: $0) }
            .filter { isSound($0, plan) && operators.haveSigned($0) }
        let isDecided = operators.decideAlone || Set(sound.map(\.approver)).count > 1
        guard request.plan == plan.json, sound.count == request.approvals.count, isDecided else {
            throw Self.forged
        }
    }

    private func isSound(_ approval: Approval, _ plan: DecisionPlan) -> Bool {
        approval.request == plan.id && approval.plan == plan.digest
            && approval.tenant == plan.tenant && approval.action == plan.action
            && approval.ledger == ledger.row.id
    }

    private static let forged = StoreError(
        .refused,
        "the signatures under this erasure are not those of two operators of this ledger",
        hint: "somebody has forged a decision: run tally verify, and see who holds the role "
            + "tally_operator"
    )
}
