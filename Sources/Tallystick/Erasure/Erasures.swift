// Erasures of a ledger, from the request to the end: what commands and services call.

public import TallyCore
internal import TallyPostgres
internal import TallyStore
internal import TallyVault

/// Asks for erasures and carries them out: the right to erasure of GDPR Article 17.
///
/// ```swift
/// let request = try await ledger.erasures.request(
///     subject: "customer:8812", of: acme, ground: "art17-1-b", by: ilze)
/// _ = try await ledger.decisions.approve(request.id, with: janis)
/// let erasure = try await ledger.erasures.run(request.id)
/// ```
///
/// One operator asks, another approves, then it is run: keys are destroyed, ciphertext is purged,
/// and the log says so. It becomes final when old key epochs and backups are gone; ``KeyService``
/// sees to that.
public struct Erasures: Sendable {
    let context: DecisionContext

    /// Asks for the erasure of a subject, the right to be forgotten of the GDPR.
    ///
    /// - Parameters:
    ///   - subject: the subject's name, as events give it.
    ///   - tenant: whose subject.
    ///   - classes: retention classes; `nil` for all, those to come included.
    ///   - ground: a reference to the legal ground, 1 to 64 letters, digits and `. _ : / # -`.
    ///   - key: the key of the operator who asks, or of an owner of the tenant's data, whose word
    ///     needs no operator.
    /// - Returns: the erasure's id and whether it may be run. Clones of the tenant are part of it:
    ///   see ``spread(_:subject:by:)``.
    /// - Throws: `invalid` for a name no event could have, `approvalRequired` without a needed key.
    public func request(
        subject: String,
        of tenant: Tenant,
        classes: [String]? = nil,
        ground: String,
        by key: OperatorKey?
    ) async throws(Problem) -> (id: DecisionID, state: DecisionState) {
        try await ErasureRequests(context)
            .open(subject: subject, of: tenant.id, classes: classes, ground: ground, by: key)
    }

    /// Asks for the erasure of a whole tenant.
    ///
    /// - Parameters:
    ///   - tenant: the tenant.
    ///   - ground: a reference to the legal ground, 1 to 64 letters, digits and `. _ : / # -`.
    ///   - notBefore: before when an owner's request is not carried out, 72 hours to 30 days from
    ///     now, so that another owner can refuse it; `nil` for seven days. Operators' do not wait.
    ///   - key: the key of the operator who asks, or of an owner of the tenant's data.
    /// - Returns: the erasure's id and whether it may be run.
    /// - Throws: `forbidden` for the ledger's own tenant, `approvalRequired` without a needed key.
    public func request(
        tenant: Tenant,
        ground: String,
        notBefore: Instant? = nil,
        by key: OperatorKey?
    ) async throws(Problem) -> (id: DecisionID, state: DecisionState) {
        try await ErasureRequests(context)
            .open(tenant: tenant.id, ground: ground, notBefore: notBefore, by: key)
    }

    /// Takes an erasure as far as it can go now, which is `purged`; nothing of it can be undone.
    ///
    /// It may be interrupted at any step and run again.
    /// - Parameters:
    ///   - id: the erasure.
    ///   - reached: is told of each step that was reached.
    /// - Returns: the erasure as it is then.
    /// - Throws: `approvalRequired` while another operator must sign, `hold` while a hold forbids
    ///   it, `projectionBehind` while a projection of the application has not followed.
    /// - Complexity: index look-ups for a subject's events, O(events) for a tenant.
    public func run(
        _ id: DecisionID,
        reached: @escaping @Sendable (ErasureStep) async -> Void = { _ in }
    ) async throws(Problem) -> Erasure {
        try await ErasureRun(context, reached: reached).run(id)
    }

    /// Runs every erasure that may go on, and takes on those whose time has come.
    ///
    /// - Returns: the problems of those that could not go on; one never holds up another.
    public func runAll() async throws(Problem) -> [(id: DecisionID, problem: Problem)] {
        try await ErasureRound(context).run()
    }

    /// All erasures, or those of a tenant, newest first.
    public func list(_ tenant: Tenant? = nil) async throws(Problem) -> [Erasure] {
        try await ErasureRequests(context).register.list(tenant?.id)
    }

    /// The erasure of that id.
    public func find(_ id: DecisionID) async throws(Problem) -> Erasure {
        try await ErasureRequests(context).register.find(id)
    }
}

extension Erasures {
    /// The certificate of an erasure as it is now: canonical JSON that `tally erasure verify` and
    /// `tally_verify.py` check without the ledger.
    ///
    /// - Parameters:
    ///   - id: an erasure whose keys are destroyed.
    ///   - key: the key of an operator who signs it; `nil` leaves it unsigned, and verifiers say
    ///     so.
    /// - Returns: up to 16 MiB of UTF-8.
    /// - Throws: `invalid` before the keys are destroyed, `tooLarge` when it would not fit.
    /// - Complexity: O(events of the tenant and of the ledger's own log), for the proofs.
    public func certificate(
        of id: DecisionID,
        signedBy key: OperatorKey? = nil
    ) async throws(Problem) -> [UInt8] {
        try await CertificateBuilder(context).build(id, signedBy: key).encoded()
    }
}

extension Ledger {
    /// The erasures of this ledger.
    public var erasures: Erasures { Erasures(context: decisionContext) }
}
