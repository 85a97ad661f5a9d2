// Carries an approved restore out. Each batch is durable before the next ones are sent, and written again
// it stores nothing: whatever interrupts a run, the next one goes on from there.

package import TallyCore
internal import TallyCrypto
internal import TallyPostgres
internal import TallyReplay
package import TallyStore
internal import TallyVault

/// The steps of a restore's run, in their order; it can be resumed after any of them.
package enum RestoreStep: String, CaseIterable, Sendable {
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

    private let ledger: Ledger
    private let register: RestoreRegister
    private let reached: @Sendable (RestoreStep, _ done: Int) async -> Void

    /// Prepares runs.
    ///
    /// - Parameters:
    ///   - ledger: whose restores.
    ///   - reached: is told of each step that was reached, and how many streams are done.
    package init(
        ledger: Ledger,
        reached: @escaping @Sendable (RestoreStep, Int) async -> Void = { _, _ in }
    ) {
        self.ledger = ledger
        register = RestoreRegister(pool: ledger.executors)
        self.reached = reached
    }

    /// Applies a restore, or goes on with one that was interrupted.
    ///
    /// - Returns: the restore as it is then: `applied`, or `mismatched` when documents are not what was
    ///   planned.
    /// - Throws: `approvalRequired` while another operator must sign, `refused` for signatures that are
    ///   not sound and for a restore that has ended otherwise.
    /// - Complexity: O(streams of the plan).
    package func run(_ id: DecisionID) async throws(StoreError) -> RestoreRow {
        let row = try await register.find(id)
        guard row.state != .applied, row.state != .mismatched else { return row }
        if row.state == .requested { throw Self.unsigned(id) }
        if row.clone != nil { return try await CloneRun(ledger: ledger, reached: reached).run(row) }
        // Once it has begun, its signatures have counted.
        let now = row.state == .applying ? nil : ledger.configuration.clock()
        let (plan, requester) = try await signed(row, at: now)
        try await register.begin(id)
        await reached(.began, 0)
        let applied = try await withWriter(row, requester) { writer throws(StoreError) in
            try await write(plan.steps, writer)
        }
        try await end(row, plan, applied)
        return try await register.find(id)
    }

    /// Ends a restore that goes on without applying the rest of it.
    ///
    /// - Returns: the restore as it is then; what was applied stays, and can be undone.
    package func abort(_ id: DecisionID) async throws(StoreError) -> RestoreRow {
        let row = try await register.find(id)
        guard [.applying, .aborting].contains(row.state) else { throw Self.notBegun(row.state) }
        if row.clone != nil { return try await CloneRun(ledger: ledger).abort(row) }
        let (plan, requester) = try await signed(row, at: nil)
        try await register.stop(id)
        let applied = try await withWriter(row, requester) { writer throws(StoreError) in
            var applied: [Bool] = []
            for page in Self.batches(plan.steps) { applied += try await writer.applied(page) }
            return applied
        }
        let count = applied.count { $0 }
        try await register.end(id, .aborted, applied: count, conflicts: [], roots: [])
        return try await register.find(id)
    }

    /// The plan that was signed, and who asked for it.
    private func signed(
        _ row: RestoreRow,
        at time: UInt64?
    ) async throws(StoreError) -> (plan: RestorePlan, requester: OperatorID) {
        let actions: Set<ApprovalAction> = [row.undoes == nil ? .restore : .undo]
        let request = try await ApprovalCheck(ledger)
            .soundRequest(row.id, of: row.tenant, actions, at: time)
        guard let plan = RestorePlan(decoding: request.plan) else {
            throw StoreError(
                .invalid,
                "the plan is not in the format",
                hint: "make a new one with tally restore plan"
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
        _ row: RestoreRow,
        _ requester: OperatorID,
        _ body: (RestoreWriter) async throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        let appender = ledger.restoring(row.id)
        let writer = RestoreWriter(
            restore: row.id,
            tenant: row.tenant,
            requester: requester,
            neverRewind: ledger.configuration.neverRewind,
            appender: appender,
            sealer: Sealer(vault: ledger.vault),
            names: StreamNames(pool: ledger.readers, vault: ledger.vault)
        )
        do throws(StoreError) {
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
    ) async throws(StoreError) -> [Bool] {
        var applied: [Bool] = []
        for (number, batch) in Self.batches(steps).enumerated() {
            applied += try await writer.write(batch, batch: number)
            await reached(.batchApplied, applied.count)
        }
        await reached(.allApplied, applied.count)
        return applied
    }

    private func end(
        _ row: RestoreRow,
        _ plan: RestorePlan,
        _ applied: [Bool]
    ) async throws(StoreError) {
        let done = zip(plan.steps, applied).filter(\.1).map(\.0)
        let conflicts = zip(plan.steps, applied).filter { !$0.1 }.map(\.0.stream)
        let roots = RestoreRoots(pool: ledger.readers, vault: ledger.vault)
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
            row.id,
            isPlanned ? .applied : .mismatched,
            applied: done.count,
            conflicts: conflicts,
            roots: [planned, found]
        )
    }

    private static func unsigned(_ id: DecisionID) -> StoreError {
        StoreError(
            .approvalRequired,
            "another operator must approve it first",
            hint: "tally restore approve \(id.hex) --operator-key FILE"
        )
    }

    private static func notBegun(_ state: RestoreState) -> StoreError {
        StoreError(
            .refused,
            "the restore is \(state.rawValue): there is nothing to abort",
            hint: "tally approval refuse ends one that has not begun"
        )
    }
}
