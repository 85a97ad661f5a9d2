// Carries an approved restore out. Each batch is durable before the next ones are sent, and written
// again it stores nothing: whatever interrupts a run, the next one goes on from there.

package import TallyCore
internal import TallyCrypto
internal import TallyPostgres
internal import TallyReplay
internal import TallyStore
internal import TallyVault

/// The steps of a restore's run, in their order; it can be resumed after any of them.
public enum RestoreStep: String, CaseIterable, Sendable {
    /// The log says that the restore has begun.
    case began
    /// Some streams are what they were.
    case batchApplied
    /// All are, but for conflicts.
    case allApplied
    /// What came of it was compared with what was planned.
    case compared
}

/// Runs restores of one ledger.
package struct RestoreRun: Sendable {
    /// How many streams are written in one request: small enough that other tenants' appends pass.
    private static let batch = 100

    private let context: DecisionContext
    private let register: RestoreRegister
    private let reached: @Sendable (RestoreStep, _ done: Int) async -> Void

    /// Prepares runs.
    ///
    /// - Parameters:
    ///   - context: the ledger whose restores.
    ///   - reached: is told of each step that was reached, and how many streams are done.
    package init(
        _ context: DecisionContext,
        reached: @escaping @Sendable (RestoreStep, Int) async -> Void = { _, _ in }
    ) {
        self.context = context
        register = RestoreRegister(pool: context.pools.executors)
        self.reached = reached
    }

    /// Applies a restore, or goes on with one that was interrupted.
    ///
    /// - Returns: the restore as it is then: `applied`, or `mismatched` when documents are not what
    ///   was planned.
    /// - Throws: `approvalRequired` while another operator must sign, `refused` for signatures that
    ///   are not sound and for a restore that has ended otherwise.
    /// - Complexity: O(streams of the plan).
    package func run(_ id: DecisionID) async throws(Problem) -> Restore {
        let row = try await register.find(id)
        guard row.state != .applied, row.state != .mismatched else { return row }
        if row.state == .requested { throw Self.unsigned(id) }
        if row.clone != nil { return try await CloneRun(context, reached: reached).run(row) }
        // Once it has begun, its signatures have counted.
        let (plan, requester) = try await signed(row, isNew: row.state != .applying)
        try await register.begin(row)
        await reached(.began, 0)
        let applied = try await withWriter(row, requester) { writer throws(Problem) in
            try await write(plan.steps, writer)
        }
        try await end(row, plan, applied)
        return try await register.find(id)
    }

    /// Ends a restore that goes on without applying the rest of it.
    ///
    /// - Returns: the restore as it is then; what was applied stays, and can be undone.
    package func abort(_ id: DecisionID) async throws(Problem) -> Restore {
        let row = try await register.find(id)
        guard [.applying, .aborting].contains(row.state) else { throw Self.notBegun(row.state) }
        if row.clone != nil { return try await CloneRun(context).abort(row) }
        let (plan, requester) = try await signed(row, isNew: false)
        try await register.stop(row)
        let applied = try await withWriter(row, requester) { writer throws(Problem) in
            var applied: [Bool] = []
            for page in Self.batches(plan.steps) { applied += try await writer.applied(page) }
            return applied
        }
        let count = applied.count { $0 }
        try await register.end(row, .aborted, applied: count, conflicts: [], roots: [])
        return try await register.find(id)
    }

    /// The plan that was signed, and who asked for it.
    private func signed(
        _ row: Restore,
        isNew: Bool
    ) async throws(Problem) -> (plan: RestorePlan, requester: OperatorID) {
        let request = try await ApprovalCheck(context, of: row.tenant)
            .signedRequest(row.id, [row.undoes == nil ? .restore : .undo], isNew: isNew)
        guard let plan = RestorePlan(decoding: request.plan) else {
            throw Problem(
                .invalid,
                "the plan is not in the format",
                hint: "make a new one with \(.planRestore)"
            )
        }
        return (plan, request.requester)
    }

    private static func batches(_ steps: [RestorePlan.Step]) -> [[RestorePlan.Step]] {
        stride(from: 0, to: steps.count, by: batch).map {
            Array(steps[$0..<min($0 + batch, steps.count)])
        }
    }

    private func withWriter<Value>(
        _ row: Restore,
        _ requester: OperatorID,
        _ body: (RestoreWriter) async throws(Problem) -> Value
    ) async throws(Problem) -> Value {
        let appender = context.restoring(row.id)
        let writer = RestoreWriter(
            restore: row.id,
            tenant: row.tenant,
            requester: requester,
            neverRewind: context.settings.neverRewind,
            appender: appender,
            sealer: Sealer(vault: context.vault),
            names: StreamNames(pool: context.pools.readers, vault: context.vault)
        )
        do throws(Problem) {
            let value = try await body(writer)
            await appender.close()
            return value
        } catch {
            await appender.close()
            throw error
        }
    }

    private func write(
        _ steps: [RestorePlan.Step],
        _ writer: RestoreWriter
    ) async throws(Problem) -> [Bool] {
        var applied: [Bool] = []
        for (number, batch) in Self.batches(steps).enumerated() {
            applied += try await writer.write(batch, batch: number)
            await reached(.batchApplied, applied.count)
        }
        await reached(.allApplied, applied.count)
        return applied
    }

    private func end(
        _ row: Restore,
        _ plan: RestorePlan,
        _ applied: [Bool]
    ) async throws(Problem) {
        let done = zip(plan.steps, applied).filter(\.1).map(\.0)
        let conflicts = zip(plan.steps, applied).filter { !$0.1 }.map(\.0.stream)
        let roots = RestoreRoots(pool: context.pools.readers, vault: context.vault)
        let found = try await roots.found(row.tenant, done)
        var planned = plan.root
        var isPlanned = planned == found
        if !conflicts.isEmpty {
            // The signed root is that of all steps: what they lead to must still be that.
            let all = try await roots.planned(row.tenant, plan.steps)
            planned = try await roots.planned(row.tenant, done)
            isPlanned = all == plan.root && planned == found
        }
        await reached(.compared, done.count)
        try await register.end(
            row,
            isPlanned ? .applied : .mismatched,
            applied: done.count,
            conflicts: conflicts,
            roots: [planned, found]
        )
    }

    private static func unsigned(_ id: DecisionID) -> Problem {
        Problem(
            .approvalRequired,
            "another operator must approve it first",
            hint: "\(.approve(id))"
        )
    }

    private static func notBegun(_ state: RestoreState) -> Problem {
        Problem(
            .forbidden,
            "the restore is \(state.rawValue): there is nothing to abort",
            hint: "\(.refuse) ends one that has not begun"
        )
    }
}
