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

    /// What two operators, or the one who decides alone, have signed.
    ///
    /// - Parameters:
    ///   - id: the request.
    ///   - tenant: whose it is.
    ///   - actions: what it may be about.
    ///   - time: when a signature beside the requester's must still count, µs since 1970; `nil` once it
    ///     has counted.
    /// - Returns: the request.
    /// - Throws: `refused` for a signature that is not that of an operator whom the ledger's own log
    ///   names on good grounds, or that is not under this plan.
    func soundRequest(
        _ id: DecisionID,
        of tenant: TenantID,
        _ actions: Set<ApprovalAction>,
        at time: UInt64? = nil
    ) async throws(StoreError) -> SignedRequest {
        let request = try await SignedRequest.read(id, ledger.executors)
        let digest = SHA256.hash(request.plan)
        let sound = request.approvals.compactMap { try? Approval(decoding: $0) }.filter {
            $0.request == id && $0.plan == digest && $0.tenant == tenant
                && $0.ledger == ledger.row.id && actions.contains($0.action)
                && operators.haveSigned($0)
        }
        let others = sound.filter { $0.approver != $0.requester }
        let isAsked = sound.contains { $0.approver == $0.requester }
        guard sound.count == request.approvals.count,
            operators.decideAlone || isAsked && !others.isEmpty
        else { throw Self.forged }
        guard operators.decideAlone || others.contains(where: { $0.expiresAt > time ?? 0 }) else {
            throw Self.expired
        }
        return request
    }

    /// Whether two have signed just this plan.
    private func isSound(
        _ plan: DecisionPlan,
        at time: UInt64? = nil
    ) async throws(StoreError) -> Bool {
        do throws(StoreError) {
            return try await soundRequest(plan.id, of: plan.tenant, [plan.action], at: time).plan
                == plan.json
        } catch  where error.code == .refused {
            return false
        }
    }

    // MARK: - Erasures

    /// Requires that the register says what was signed about an erasure.
    ///
    /// Before its fence a signature must count now; later it has counted.
    func requireSound(_ erasure: ErasureRow) async throws(StoreError) {
        let time = erasure.fencedAt == nil ? ledger.configuration.clock() : nil
        guard try await isSound(erasure, at: time) else { throw Self.forged }
    }

    /// Whether it does.
    func isSound(
        _ erasure: ErasureRow,
        at time: UInt64? = nil
    ) async throws(StoreError) -> Bool {
        let plan = DecisionPlan.erasure(
            of: erasure.tenant,
            erasure.scope,
            ground: erasure.ground,
            follows: erasure.follows,
            id: erasure.id
        )
        return try await isSound(plan, at: time)
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
        try await SignedRequest.applied(action, of: tenant, ledger.executors)
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
    private static let expired = StoreError(
        .approvalRequired,
        "the approval has run out",
        hint: "another operator signs it: tally approval approve REQUEST --operator-key FILE"
    )
    private static let unreleased = StoreError(
        .hold,
        "a legal hold was released without the signatures of two operators",
        hint: "somebody has forged a decision: run tally verify, and place the hold again"
    )
}
