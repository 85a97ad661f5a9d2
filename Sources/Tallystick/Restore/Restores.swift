// Restores of tenants, from the plan to the undo: what commands and services call.

package import TallyCore
internal import TallyCrypto
internal import TallyPostgres
package import TallyReplay
package import TallyStore
internal import TallyVault

/// Plans restores, asks for them and carries them out.
package struct Restores: Sendable {
    let ledger: Ledger
    let register: RestoreRegister
    private let planner: RestorePlanner

    /// Works on a ledger's restores.
    package init(_ ledger: Ledger) {
        self.ledger = ledger
        register = RestoreRegister(pool: ledger.executors)
        planner = RestorePlanner(
            pool: ledger.readers,
            vault: ledger.vault,
            neverRewind: ledger.configuration.neverRewind
        )
    }

    /// What would have to be written to bring a scope back to what it was at a moment; writes nothing.
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
        _ tenant: Tenant,
        at moment: Moment,
        _ scope: RestoreScope = .tenant,
        _ switches: RestoreSwitches = RestoreSwitches(),
        progress: (Int) -> Void = { _ in }
    ) async throws(Problem) -> RestorePlan {
        do throws(StoreError) {
            let cut = try await CutFinder(pool: ledger.readers).cut(tenant.id, at: moment)
            return try await planner.plan(tenant.id, cut, scope, switches, progress: progress)
        } catch {
            throw Problem(error)
        }
    }

    /// What would have to be written to take a restore back; writes nothing.
    ///
    /// - Throws: `invalid` for a restore that has not ended.
    package func planUndo(_ id: DecisionID) async throws(Problem) -> RestorePlan {
        do throws(StoreError) {
            let row = try await register.find(id)
            guard row.clone == nil else {
                throw StoreError(
                    .invalid,
                    "a clone is not undone: nothing of its source was changed",
                    hint: "erase it: tally erasure request CLONE --whole-tenant"
                )
            }
            guard row.endedAt != nil, let began = row.beganPosition else {
                throw StoreError(
                    .invalid,
                    "the restore is \(row.state.rawValue), so there is nothing to undo",
                    hint: "tally restore abort ends one that goes on"
                )
            }
            let cut = try await CutFinder(pool: ledger.readers)
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
        } catch {
            throw Problem(error)
        }
    }

    /// What a restore into a new tenant would copy; writes nothing.
    ///
    /// - Parameters:
    ///   - tenant: the source.
    ///   - moment: the moment.
    ///   - scope: the tenant, a collection or a stream.
    ///   - name: the new tenant's name.
    /// - Returns: the plan.
    /// - Throws: `invalid` for a moment before the tenant's first event or to come, for another scope,
    ///   and for a name that is taken.
    /// - Complexity: O(documents).
    package func planClone(
        _ tenant: Tenant,
        at moment: Moment,
        _ scope: RestoreScope = .tenant,
        into name: String
    ) async throws(Problem) -> ClonePlan {
        do throws(StoreError) {
            let cut = try await CutFinder(pool: ledger.readers).cut(tenant.id, at: moment)
            let id = TenantID.random()
            let (tag, sealed) = try await ledger.registry.prepare(name, id)
            let clone = CloneTenant(id: id, nameTag: tag, nameSealed: sealed)
            return try await ClonePlanner(pool: ledger.readers, vault: ledger.vault)
                .plan(tenant.id, cut, scope, into: clone)
        } catch {
            throw Problem(error)
        }
    }

    /// Asks for a restore into a new tenant; another operator has to approve it.
    ///
    /// - Throws: `approvalRequired` without a key that is needed.
    package func request(
        _ plan: ClonePlan,
        of tenant: TenantID,
        by key: OperatorKey?
    ) async throws(Problem) -> (id: DecisionID, state: DecisionState) {
        try await Decisions(ledger).open(plan.decision(of: tenant), by: key)
    }

    /// Asks for what a plan says; another operator has to approve it.
    ///
    /// - Throws: `approvalRequired` without a key that is needed, `invalid` for a plan without steps.
    package func request(
        _ plan: RestorePlan,
        of tenant: TenantID,
        by key: OperatorKey?
    ) async throws(Problem) -> (id: DecisionID, state: DecisionState) {
        guard !plan.steps.isEmpty else {
            throw Problem(
                .invalid,
                "there is nothing to restore: no document would change",
                hint: "tally time diff shows what changed since a moment"
            )
        }
        do {
            return try await Decisions(ledger).open(plan.decision(of: tenant), by: key)
        } catch {
            throw Problem(error)
        }
    }

    /// Applies a restore; see ``RestoreRun/run(_:)``.
    package func apply(
        _ id: DecisionID,
        reached: @escaping @Sendable (RestoreStep, Int) async -> Void = { _, _ in }
    ) async throws(Problem) -> RestoreRow {
        do throws(StoreError) {
            return try await RestoreRun(ledger: ledger, reached: reached).run(id)
        } catch {
            throw Problem(error)
        }
    }

    /// Ends a restore that goes on; what was applied stays, and can be undone.
    package func abort(_ id: DecisionID) async throws(Problem) -> RestoreRow {
        do throws(StoreError) {
            return try await RestoreRun(ledger: ledger).abort(id)
        } catch {
            throw Problem(error)
        }
    }

    /// All restores, or those of a tenant, newest first.
    package func list(_ tenant: Tenant? = nil) async throws(Problem) -> [RestoreRow] {
        do throws(StoreError) {
            return try await register.list(tenant?.id)
        } catch {
            throw Problem(error)
        }
    }

    /// The restore of that id.
    package func find(_ id: DecisionID) async throws(Problem) -> RestoreRow {
        do throws(StoreError) {
            return try await register.find(id)
        } catch {
            throw Problem(error)
        }
    }

    /// The plan of a restore as it was signed.
    package func plan(of row: RestoreRow) async throws(StoreError) -> RestorePlan {
        let request = try await SignedRequest.read(row.id, ledger.executors)
        guard let plan = RestorePlan(decoding: request.plan) else { throw Self.unreadable }
        return plan
    }

    /// The plan of a clone as it was signed.
    package func clonePlan(of row: RestoreRow) async throws(StoreError) -> ClonePlan {
        let request = try await SignedRequest.read(row.id, ledger.executors)
        guard let plan = ClonePlan(decoding: request.plan) else { throw Self.unreadable }
        return plan
    }

    private static let unreadable = StoreError(
        .misconfigured,
        "the stored plan is not in the format",
        hint: "run tally verify: it was changed"
    )

    /// The names of streams, as far as they can be opened.
    package func names(
        _ tenant: TenantID,
        _ streams: [BlindTag]
    ) async throws(StoreError) -> [BlindTag: String] {
        try await StreamNames(pool: ledger.readers, vault: ledger.vault)
            .names(tenant, streams.map { ($0, Int(Int32.max)) })
    }
}
