// Looks at the signatures under a decision before it is carried out: the database takes them unseen, and
// whoever holds the keys must not believe it.

internal import TallyCore
internal import TallyCrypto
internal import TallyStore

/// Checks who stands behind what is about to be done.
struct ApprovalCheck: Sendable {
    private let ledger: Ledger

    init(_ ledger: Ledger) {
        self.ledger = ledger
    }

    /// The plan that two operators, or the one who decides alone, have signed.
    ///
    /// - Throws: `refused` for a signature that is not that of an operator whom the ledger's own log
    ///   names on good grounds, or that is not under this plan.
    func soundPlan(
        _ id: DecisionID,
        of tenant: TenantID,
        _ actions: Set<ApprovalAction>
    ) async throws(StoreError) -> [UInt8] {
        let request = try await SignedRequest.read(id, ledger.executors)
        let operators = try await OperatorLog(pool: ledger.readers).read(ledger.row.id)
        let digest = SHA256.hash(request.plan)
        let sound = request.approvals.compactMap { try? Approval(decoding: $0) }.filter {
            $0.request == id && $0.plan == digest && $0.tenant == tenant
                && $0.ledger == ledger.row.id && actions.contains($0.action)
                && operators.haveSigned($0)
        }
        let isDecided = operators.decideAlone || Set(sound.map(\.approver)).count > 1
        guard sound.count == request.approvals.count, isDecided else { throw Self.forged }
        return request.plan
    }

    /// Requires that the register says what was signed about an erasure.
    func requireSound(_ erasure: ErasureRow) async throws(StoreError) {
        let plan = DecisionPlan.erasure(
            of: erasure.tenant,
            erasure.scope,
            ground: erasure.ground,
            id: erasure.id
        )
        let signed = try await soundPlan(erasure.id, of: erasure.tenant, [plan.action])
        guard signed == plan.json else { throw Self.forged }
    }

    private static let forged = StoreError(
        .refused,
        "what is to be done is not what two operators of this ledger have signed",
        hint: "somebody has forged a decision: run tally verify, and see who holds the role "
            + "tally_operator"
    )
}
