// Whether what is about to be done was decided: asked of the log, whose signatures were checked,
// and of no register.

internal import TallyCore
internal import TallyCrypto
internal import TallyStore
internal import TallyVault

/// What the log of one tenant says was decided.
struct ApprovalCheck: Sendable {
    private let log: DecidedLog
    private let now: UInt64

    /// Checks the logs and registers of a tenant, through connections of role tally_executor.
    ///
    /// - Throws: `alteredRegister` where a row differs from the log: nothing may be done then.
    init(_ context: DecisionContext, of tenant: TenantID) async throws(Problem) {
        log = try await context.logs.read(tenant, context, context.pools.executors)
        now = context.now
    }

    /// What was signed, where enough people stand behind it.
    ///
    /// - Parameters:
    ///   - id: the request.
    ///   - actions: what it may be about.
    ///   - isNew: whether signatures must count now; once they have counted they need not.
    /// - Returns: the request's row, which says what the log does.
    /// - Throws: `approvalRequired` while nobody else's signature counts, `forbidden` for a request
    ///   that was refused, that nobody made, or that is about something else.
    func signedRequest(
        _ id: DecisionID,
        _ actions: Set<ApprovalAction>,
        isNew: Bool
    ) throws(Problem) -> RegisterRows.Request {
        guard let request = log.fold.requests[id],
            let row = log.rows.requests.first(where: { $0.id == id }),
            ApprovalAction(rawValue: row.action).map({ actions.contains($0) }) ?? false,
            request.state != .refused
        else { throw Self.undecided }
        guard !isNew || log.fold.isApproved(request, at: now) else { throw Self.expired(id) }
        guard !isNew || request.notBefore.map({ $0 <= now }) ?? true else { throw Self.early }
        return row
    }

    // MARK: - Erasures

    /// Requires that an erasure was decided; before its fence the signatures must count now.
    func requireDecided(_ erasure: DecisionID) throws(Problem) {
        let isNew = log.fold.erasures[erasure]?.fencePosition == nil
        _ = try signedRequest(erasure, [.subjectErasure, .tenantErasure], isNew: isNew)
    }

    /// The keys that an erasure has fenced.
    func fencedKeys(_ erasure: DecisionID) -> Set<Digest> { log.rows.fencedKeys[erasure] ?? [] }

    /// Every key of the tenant that a decided erasure has fenced.
    var allFencedKeys: Set<Digest> { Set(log.rows.fencedKeys.values.joined()) }

    /// Requires that no hold which the log has in force is about an erasure's subject.
    func requireNoHold(_ erasure: Erasure) throws(Problem) {
        let tag = erasure.scope.subjectTag.bytes
        let isHeld = log.rows.holds.contains { hold in
            log.fold.holds[hold.id].map { $0.releasedAt == nil } ?? false
                && (erasure.scope.isTenant || [tag, BlindTag.zero.bytes].contains(hold.subjectTag))
        }
        guard !isHeld else { throw Self.held }
    }

    /// The fences of a tenant that the log has, with the keys that it says were destroyed.
    var fences: TenantFences {
        TenantFences(log)
    }

    // MARK: - Readmissions

    /// Whether a subject was let in again, and nobody is about to be fenced once more.
    func isReadmitted(_ subject: BlindTag) -> Bool {
        let fences = log.rows.fences.filter { $0.subjectTag == subject.bytes }
        return !fences.isEmpty && fences.allSatisfy { $0.readmittedAt != nil }
            && !isAboutToGo(subject)
    }

    /// Whether an erasure of a subject, or for the tag of zeros of anybody, may be blocking keys.
    func isAboutToGo(_ subject: BlindTag, but id: DecisionID? = nil) -> Bool {
        log.rows.erasures.contains {
            $0.id != id && ["approved", "onHold"].contains($0.state)
                && (subject == .zero || $0.subjectTag == subject.bytes)
        }
    }

    // MARK: - Refusals

    private static let undecided = Problem(
        .forbidden,
        "what is to be done is not what two operators of this ledger have signed",
        hint: "somebody has forged a decision: run \(.verify), and see who holds the role "
            + "tally_operator"
    )
    private static func expired(_ id: DecisionID) -> Problem {
        Problem(
            .approvalRequired,
            "no signature of another operator counts now",
            hint: "another operator signs it: \(.approve(id))"
        )
    }
    private static let early = Problem(
        .forbidden,
        "another owner may still refuse this erasure of a whole tenant",
        hint: "\(.listErasures) shows from when on it can be run"
    )
    private static let held = Problem(
        .hold,
        "a legal hold forbids this erasure for now",
        hint: "\(.listHolds); it can be run once the hold is released"
    )
}

extension TenantFences {
    /// Fences as the log has them.
    fileprivate init(_ log: DecidedLog) {
        var (destroyed, fenced): ([KeyID], [KeyID]) = ([], [])
        for (id, keys) in log.rows.fencedKeys {
            if log.fold.erasures[id]?.destroyedKeys.isEmpty == false {
                destroyed += keys
            } else {
                fenced += keys
            }
        }
        self.init(
            tenant: log.fold.tenant,
            fences: log.rows.fences.map { row in
                Fence(
                    subjectTag: BlindTag(row.subjectTag) ?? .zero,
                    retentionClass: row.retentionClass,
                    fencedAt: log.fold.erasures[row.erasure]?.times[.fenced] ?? 0,
                    readmittedAt: row.readmittedAt,
                    isDestroyed: log.fold.erasures[row.erasure]?.destroyedEpoch != nil
                )
            },
            destroyed: destroyed,
            fenced: fenced
        )
    }
}
