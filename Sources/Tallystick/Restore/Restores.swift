// Restores of tenants, from the plan to the undo: what commands and services call.

public import TallyCore
internal import TallyCrypto
internal import TallyPostgres
public import TallyReplay
internal import TallyStore
internal import TallyVault

/// Plans restores, asks for them and carries them out.
///
/// ```swift
/// let plan = try await ledger.restores.plan(acme, at: .time(before), .collection("crm/contact"))
/// let request = try await ledger.restores.request(plan, by: ilze)
/// _ = try await ledger.decisions.approve(request.id, with: janis)
/// let restore = try await ledger.restores.apply(request.id)
/// ```
///
/// A restore appends events that revert documents; nothing in the log is changed, and what was
/// erased stays erased.
public struct Restores: Sendable {
    let context: DecisionContext
    /// The plans of this ledger's restores.
    package var plans: RestorePlans { RestorePlans(context) }

    /// What would have to be written to bring a scope back to what it was at a moment; writes
    /// nothing.
    ///
    /// - Parameters:
    ///   - tenant: whose documents.
    ///   - moment: the moment.
    ///   - scope: which later events are taken back; not those of another restore.
    ///   - switches: what may be done with documents.
    ///   - progress: is told up to which position the log was read.
    /// - Returns: the plan.
    /// - Throws: `invalid` for a moment before the tenant's first event or to come.
    /// - Complexity: O(events since the moment), not the tenant's history.
    public func plan(
        _ tenant: Tenant,
        at moment: Moment,
        _ scope: RestoreScope = .tenant,
        _ switches: RestoreSwitches = RestoreSwitches(),
        progress: (Int) -> Void = { _ in }
    ) async throws(Problem) -> RestorePlan {
        try await plans.plan(tenant.id, at: moment, scope, switches, progress: progress)
    }

    /// What would have to be written to take a restore back; writes nothing.
    ///
    /// - Throws: `invalid` for a restore that has not ended.
    public func planUndo(_ id: DecisionID) async throws(Problem) -> RestorePlan {
        try await plans.planUndo(id)
    }

    /// What a restore into a new tenant would copy; writes nothing.
    ///
    /// - Parameters:
    ///   - tenant: the source.
    ///   - moment: the moment.
    ///   - scope: the tenant, a collection or a stream.
    ///   - name: the new tenant's name.
    /// - Returns: the plan.
    /// - Throws: `invalid` for a moment before the tenant's first event or to come, for another
    ///   scope, and for a name that is taken.
    /// - Complexity: O(documents).
    public func planClone(
        _ tenant: Tenant,
        at moment: Moment,
        _ scope: RestoreScope = .tenant,
        into name: String
    ) async throws(Problem) -> ClonePlan {
        try await plans.planClone(tenant.id, at: moment, scope, into: name)
    }

    /// Asks for a restore into a new tenant; another operator has to approve it.
    ///
    /// - Throws: `approvalRequired` without a key that is needed.
    public func request(
        _ plan: ClonePlan,
        by key: OperatorKey?
    ) async throws(Problem) -> (id: DecisionID, state: DecisionState) {
        try await plan.request(context, by: key)
    }

    /// Asks for what a plan says; another operator has to approve it.
    ///
    /// - Throws: `approvalRequired` without a key that is needed, `invalid` for a plan without
    ///   steps.
    public func request(
        _ plan: RestorePlan,
        by key: OperatorKey?
    ) async throws(Problem) -> (id: DecisionID, state: DecisionState) {
        try await plan.request(context, by: key)
    }

    /// Applies a restore, or goes on with one that was interrupted.
    ///
    /// - Parameters:
    ///   - id: the restore.
    ///   - reached: is told of each step that was reached, and how many streams are done.
    /// - Returns: the restore as it is then: `applied`, or `mismatched` when documents are not what
    ///   was planned.
    /// - Throws: `approvalRequired` while another operator must sign, `forbidden` for signatures
    ///   that are not sound and for a restore that has ended otherwise.
    /// - Complexity: O(streams of the plan).
    public func apply(
        _ id: DecisionID,
        reached: @escaping @Sendable (RestoreStep, Int) async -> Void = { _, _ in }
    ) async throws(Problem) -> Restore {
        try await RestoreRun(context, reached: reached).run(id)
    }

    /// Ends a restore that goes on; what was applied stays, and can be undone.
    public func abort(_ id: DecisionID) async throws(Problem) -> Restore {
        try await RestoreRun(context).abort(id)
    }

    /// All restores, or those of a tenant, newest first.
    public func list(_ tenant: Tenant? = nil) async throws(Problem) -> [Restore] {
        try await plans.register.list(tenant?.id)
    }

    /// The restore of that id.
    public func find(_ id: DecisionID) async throws(Problem) -> Restore {
        try await plans.register.find(id)
    }

    /// The streams that a restore leaves as they are: those that the plan says, and those that were
    /// written to since.
    ///
    /// - Complexity: a question for each stream.
    public func conflicts(_ row: Restore) async throws(Problem) -> [RestoreConflict] {
        try await plans.conflicts(row)
    }
}

extension Ledger {
    /// The restores of this ledger.
    public var restores: Restores { Restores(context: decisionContext) }
}
