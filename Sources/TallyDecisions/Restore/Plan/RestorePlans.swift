// The plans of restores: made, and read back as they were signed.

package import TallyCore
internal import TallyCrypto
internal import TallyPostgres
package import TallyReplay
internal import TallyStore

/// Makes and reads plans of restores; writes nothing.
package struct RestorePlans: Sendable {
    let context: DecisionContext
    /// The restores that were asked for.
    package let register: RestoreRegister
    private let planner: RestorePlanner

    /// Works on a ledger's restores.
    package init(_ context: DecisionContext) {
        self.context = context
        register = RestoreRegister(pool: context.pools.executors)
        planner = RestorePlanner(
            pool: context.pools.readers,
            vault: context.vault,
            neverRewind: context.settings.neverRewind
        )
    }

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
    package func plan(
        _ tenant: TenantID,
        at moment: Moment,
        _ scope: RestoreScope = .tenant,
        _ switches: RestoreSwitches = RestoreSwitches(),
        progress: (Int) -> Void = { _ in }
    ) async throws(Problem) -> RestorePlan {
        let cut = try await CutFinder(pool: context.pools.readers).cut(tenant, at: moment)
        return try await planner.plan(
            tenant,
            cut,
            .scope(scope),
            switches,
            progress: progress
        )
    }

    /// What would have to be written to take a restore back; writes nothing.
    ///
    /// - Throws: `invalid` for a restore that has not ended.
    package func planUndo(_ id: DecisionID) async throws(Problem) -> RestorePlan {
        let row = try await register.find(id)
        guard row.clone == nil else {
            throw Problem(
                .invalid,
                "a clone is not undone: nothing of its source was changed",
                hint: "erase it: \(.requestTenantErasure)"
            )
        }
        guard row.endedAt != nil, let began = row.beganPosition else {
            throw Problem(
                .invalid,
                "the restore is \(row.state.rawValue), so there is nothing to undo",
                hint: "\(.abortRestore) ends one that goes on"
            )
        }
        let cut = try await CutFinder(pool: context.pools.readers)
            .cut(row.tenant, at: .position(began - 1))
        let steps = try await plan(of: row).steps
        let written = Dictionary(
            steps.map { ($0.stream, $0.version + 1) },
            uniquingKeysWith: { first, _ in first }
        )
        return try await planner.plan(
            row.tenant,
            cut,
            .restore(id, written: written),
            RestoreSwitches()
        )
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
    package func planClone(
        _ tenant: TenantID,
        at moment: Moment,
        _ scope: RestoreScope = .tenant,
        into name: String
    ) async throws(Problem) -> ClonePlan {
        let cut = try await CutFinder(pool: context.pools.readers).cut(tenant, at: moment)
        let id = TenantID.random()
        let (tag, sealed) = try await context.registry.prepare(name, id)
        let clone = CloneTenant(id: id, nameTag: tag, nameSealed: sealed)
        return try await ClonePlanner(pool: context.pools.readers, vault: context.vault)
            .plan(tenant, cut, scope, into: clone)
    }

    /// The plan of a restore as it was signed.
    package func plan(of row: Restore) async throws(Problem) -> RestorePlan {
        let request = try await SignedRequest.read(row.id, context.pools.executors)
        guard let plan = RestorePlan(decoding: request.plan) else { throw Self.unreadable }
        return plan
    }

    /// The plan of a clone as it was signed.
    package func clonePlan(of row: Restore) async throws(Problem) -> ClonePlan {
        let request = try await SignedRequest.read(row.id, context.pools.executors)
        guard let plan = ClonePlan(decoding: request.plan) else { throw Self.unreadable }
        return plan
    }

    private static let unreadable = Problem(
        .misconfigured,
        "the stored plan is not in the format",
        hint: "run \(.verify): it was changed"
    )

    /// The names of streams, as far as they can be opened.
    package func names(
        _ tenant: TenantID,
        _ streams: [BlindTag]
    ) async throws(Problem) -> [BlindTag: String] {
        try await StreamNames(pool: context.pools.readers, vault: context.vault)
            .names(tenant, streams.map { ($0, Int(Int32.max)) })
    }
}
