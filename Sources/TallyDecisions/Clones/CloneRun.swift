// Carries an approved restore into a new tenant out. The tenant is frozen until it is whole, and
// what is copied is durable batch by batch: whatever interrupts a run, the next one goes on from
// there.

package import TallyCore
internal import TallyCrypto
internal import TallyPostgres
internal import TallyReplay
internal import TallyStore
internal import TallyVault

/// Runs restores of one ledger into new tenants.
package struct CloneRun: Sendable {
    private let context: DecisionContext
    private let register: RestoreRegister
    private let source: CloneSource
    private let reached: @Sendable (RestoreStep, _ done: Int) async -> Void

    /// Prepares runs.
    ///
    /// - Parameters:
    ///   - context: the ledger whose restores.
    ///   - reached: is told of each step that was reached, and how many documents are done.
    package init(
        _ context: DecisionContext,
        reached: @escaping @Sendable (RestoreStep, Int) async -> Void = { _, _ in }
    ) {
        self.context = context
        register = RestoreRegister(pool: context.pools.executors)
        source = CloneSource(pool: context.pools.readers, vault: context.vault)
        self.reached = reached
    }

    /// Makes a clone, or goes on with one that was interrupted.
    ///
    /// - Returns: the restore as it is then: `applied`, or `mismatched` when the clone's documents
    ///   are not those of the source; such a clone stays frozen.
    /// - Throws: `approvalRequired` while another operator must sign, `refused` for signatures that
    ///   are not sound, and while an erasure of the source is not finished.
    /// - Complexity: O(documents).
    package func run(_ row: Restore) async throws(Problem) -> Restore {
        let (plan, requester) = try await signed(row)
        try await prepareKeys(plan.clone.id, row)
        try await register.begin(row)
        await reached(.began, 0)
        let count = try await copy(row, plan, requester)
        await reached(.allApplied, count)
        try await end(row, plan)
        return try await register.find(row.id)
    }

    /// Ends a clone that is not whole; it stays frozen, and can be erased.
    package func abort(_ row: Restore) async throws(Problem) -> Restore {
        let (plan, _) = try await signed(row)
        try await register.stop(row)
        let count = try await documents(plan.clone.id)
        try await register.end(row, .aborted, applied: count, conflicts: [], roots: [])
        return try await register.find(row.id)
    }

    /// How many documents a clone has; none if it was erased.
    private func documents(_ clone: TenantID) async throws(Problem) -> Int {
        do throws(Problem) {
            let size = try await Session(pool: context.pools.readers).size(clone)
            return try await source.roots(clone, before: size, .tenant, keyedBy: clone).documents
        } catch  where error.code == .erased {
            return 0
        }
    }

    private func signed(
        _ row: Restore
    ) async throws(Problem) -> (plan: ClonePlan, requester: OperatorID) {
        // Once it has begun, its signatures have counted.
        let request = try await ApprovalCheck(context, of: row.tenant)
            .signedRequest(row.id, [.restore], isNew: row.beganAt == nil)
        guard let plan = ClonePlan(decoding: request.plan), plan.clone.id == row.clone else {
            throw Problem(
                .forbidden,
                "the register names another clone than the plan that was signed",
                hint: "run \(.verify): somebody has changed the register"
            )
        }
        return (plan, request.requester)
    }

    private func prepareKeys(_ clone: TenantID, _ row: Restore) async throws(Problem) {
        guard row.beganAt == nil else { return }
        do throws(VaultError) {
            try await context.vault.createTenantKeys(clone)
        } catch {
            throw Problem(error)
        }
    }

    private func copy(
        _ row: Restore,
        _ plan: ClonePlan,
        _ requester: OperatorID
    ) async throws(Problem) -> Int {
        let appender = context.restoring(row.id)
        let writer = CloneWriter(
            restore: row.id,
            clone: plan.clone.id,
            requester: requester,
            vault: context.vault,
            appender: appender,
            sealer: Sealer(vault: context.vault),
            names: StreamNames(pool: context.pools.readers, vault: context.vault)
        )
        var count = 0
        do throws(Problem) {
            try await source.read(row.tenant, before: plan.cut.size, plan.scope) {
                page throws(Problem) in
                count += try await writer.write(page)
                await reached(.batchApplied, count)
            }
        } catch {
            await appender.close()
            throw error
        }
        await appender.close()
        return count
    }

    private func end(_ row: Restore, _ plan: ClonePlan) async throws(Problem) {
        let cut = plan.cut.size
        let then = try await source.roots(row.tenant, before: cut, plan.scope, keyedBy: row.tenant)
        let size = try await Session(pool: context.pools.readers).size(plan.clone.id)
        let now = try await source.roots(
            plan.clone.id,
            before: size,
            .tenant,
            keyedBy: row.tenant
        )
        await reached(.compared, now.documents)
        let isCopied = then.state == plan.root && then.content == now.content
        if !isCopied { try await requireNoErasure(row, plan.clone.id) }
        try await register.end(
            row,
            isCopied ? .applied : .mismatched,
            applied: now.documents,
            conflicts: [],
            roots: [then.content, now.content]
        )
    }

    /// Requires that no erasure explains a difference: it has to reach both sides first.
    private func requireNoErasure(
        _ row: Restore,
        _ clone: TenantID
    ) async throws(Problem) {
        let began = try await register.find(row.id).beganAt ?? row.requestedAt
        let erasures = ErasureRegister(pool: context.pools.executors)
        let all = try await erasures.list(row.tenant) + erasures.list(clone)
        guard all.contains(where: { $0.fencedAt.map { $0 > began } ?? false }) else { return }
        throw Problem(
            .unavailable,
            "somebody was erased while the documents were copied",
            hint:
                "let \(.runErasure(nil)) end, and apply it again; if somebody was erased from the "
                + "clone alone: \(.abortRestore)"
        )
    }
}
