// Looks at the signatures under decisions before a key is touched: the database takes them unseen, and
// whoever holds the keys must not believe it.

internal import TallyCore
internal import TallyCrypto
internal import TallyStore
internal import TallyVault

/// Checks who stands behind what is about to be done.
struct ApprovalCheck: Sendable {
    private let ledger: Ledger
    private let operators: KnownOperators

    /// Reads who may decide.
    init(_ ledger: Ledger) async throws(StoreError) {
        self.ledger = ledger
        operators = try await OperatorLog(pool: ledger.readers).read(ledger.row.id)
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

    /// Whether two have signed just this plan.
    private func isSound(_ plan: DecisionPlan) async throws(StoreError) -> Bool {
        do throws(StoreError) {
            return try await soundPlan(plan.id, of: plan.tenant, [plan.action]) == plan.json
        } catch  where error.code == .refused {
            return false
        }
    }

    // MARK: - Erasures

    /// Requires that the register says what was signed about an erasure.
    func requireSound(_ erasure: ErasureRow) async throws(StoreError) {
        guard try await isSound(erasure) else { throw Self.forged }
    }

    func isSound(_ erasure: ErasureRow) async throws(StoreError) -> Bool {
        let plan = DecisionPlan.erasure(
            of: erasure.tenant,
            erasure.scope,
            ground: erasure.ground,
            id: erasure.id
        )
        return try await isSound(plan)
    }

    /// Requires that every hold on an erasure's subject which the register calls released was released by
    /// two: one that nobody has ended keeps what it is for.
    func requireReleased(_ erasure: ErasureRow) async throws(StoreError) {
        let tag = erasure.scope.subjectTag
        let holds = try await HoldRegister(pool: ledger.executors).list(inForceOnly: false).filter {
            $0.tenant == erasure.tenant && $0.releasedAt != nil
                && (erasure.scope.isTenant || [tag, .zero].contains($0.subjectTag))
        }
        for hold in holds where try await !isReleased(hold) { throw Self.unreleased }
    }

    private func isReleased(_ hold: HoldRow) async throws(StoreError) -> Bool {
        for id in try await applied(.release, hold.tenant)
        where try await isSound(.release(hold.tenant, hold: hold.id, id: id)) {
            return true
        }
        return false
    }

    private func applied(
        _ action: ApprovalAction,
        _ tenant: TenantID
    ) async throws(StoreError) -> [DecisionID] {
        try await DecisionRequests.applied(action, of: tenant, ledger.executors)
    }

    // MARK: - Readmissions

    /// Whether two have let a subject come back.
    func isReadmitted(_ tenant: TenantID, _ subject: BlindTag) async throws(StoreError) -> Bool {
        let erasures = try await ErasureRegister(pool: ledger.executors).list(tenant)
            .filter { $0.scope.subjectTag == subject }
        for id in try await applied(.readmission, tenant) {
            for erasure in erasures
            where try await isSound(.readmission(tenant, erasure: erasure.id, id: id)) {
                return true
            }
        }
        return false
    }

    // MARK: - Refusals

    private static let forged = StoreError(
        .refused,
        "what is to be done is not what two operators of this ledger have signed",
        hint: "somebody has forged a decision: run tally verify, and see who holds the role "
            + "tally_operator"
    )
    private static let unreleased = StoreError(
        .hold,
        "a legal hold was released without the signatures of two operators",
        hint: "somebody has forged a decision: run tally verify, and place the hold again"
    )
}
