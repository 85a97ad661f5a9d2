// Takes every erasure as far as it can go now, and on to its next state when its time has come.

package import TallyCore
internal import TallyVault

/// One round over all erasures of a ledger.
package struct ErasureRound: Sendable {
    private let context: DecisionContext

    /// Works on a ledger's erasures.
    package init(_ context: DecisionContext) {
        self.context = context
    }

    /// Runs every erasure that may go on, and takes on those whose time has come.
    ///
    /// - Returns: the problems of those that could not go on; one never holds up another.
    package func run() async throws(Problem) -> [(id: DecisionID, problem: Problem)] {
        var problems: [(DecisionID, Problem)] = []
        for erasure in try await runnable() {
            do throws(Problem) {
                _ = try await ErasureRun(context).run(erasure.id)
            } catch {
                problems.append((erasure.id, error))
            }
        }
        _ = try await advance()
        try await Readmissions(context).liftBlocks()
        return problems
    }

    private func runnable() async throws(Problem) -> [Erasure] {
        let all = try await ErasureRegister(pool: context.pools.executors).list().filter(\.canRun)
        // Those in clones are taken along by the one in their source, as long as that goes on.
        let ids = Set(all.map(\.id))
        let now = Instant(micros: context.now)
        return all.filter {
            !ids.contains($0.follows ?? .zero) && $0.notBefore.map { $0 <= now } ?? true
        }
    }

    /// Records which key epochs were destroyed in the ledger's own log, and takes on every erasure
    /// whose time has come; gives how many.
    package func advance() async throws(Problem) -> Int {
        let transitions = ErasureTransitions(pool: context.pools.executors)
        do {
            _ = try await KeyEpochs(vault: context.vault)
                .destroyExpired(context.settings.keyBackupRetention)
            let epochs = try await context.vault.epochs()
            for epoch in epochs where !epoch.isRecorded {
                guard let receipt = epoch.receipt else { continue }
                try await transitions.recordEpoch(receipt)
                try await context.vault.noteRecorded(epoch.number)
            }
            let oldest = epochs.first { $0.state != .destroyed }?.number ?? 0
            try await requireUnaltered(oldest)
            return try await transitions.advance(oldestEpoch: oldest)
        } catch {
            throw Problem(error)
        }
    }

    /// Requires that the registers of every tenant with an erasure that would advance say what its
    /// log does.
    private func requireUnaltered(_ oldestEpoch: UInt64) async throws(Problem) {
        let now = Instant(micros: context.now)
        let due = try await ErasureRegister(pool: context.pools.executors).list().filter {
            $0.state == .purged && $0.destroyedEpoch ?? 0 < oldestEpoch
                || $0.state == .epochRetired && $0.backupsUntil.map { $0 <= now } ?? false
        }
        for tenant in Set(due.map(\.tenant)) {
            _ = try await context.logs.read(tenant, context, context.pools.executors)
        }
    }
}

extension Erasure {
    /// Whether a run may take it further.
    fileprivate var canRun: Bool {
        switch state {
        case .approved, .onHold, .fenced, .keysDestroyed: true
        case .requested, .purged, .epochRetired, .final, .refused: false
        }
    }
}
