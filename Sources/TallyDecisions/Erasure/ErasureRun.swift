// Carries an approved erasure out: fence, destroy, purge. Every state is durable before the next
// one begins, so whatever interrupts it, running it again goes on from there.

package import TallyCore
internal import TallyCrypto
internal import TallyPostgres
internal import TallyReplay
internal import TallyStore
internal import TallyVault

/// The steps of an erasure's run, in their order; it can be resumed after any of them.
public enum ErasureStep: String, CaseIterable, Sendable {
    /// The subject's keys are suspended, and no new one can be made.
    case blocked
    /// Nothing more is stored under the keys.
    case fenced
    /// It is known which events hold the subject's parts.
    case partsListed
    /// The keys are destroyed, and no event says so yet.
    case keysDestroyed
    /// The log says that the keys are destroyed.
    case destructionRecorded
    /// Some parts are gone from the log.
    case partsPurged
    /// All parts are gone from the log.
    case logPurged
    /// The built-in projections hold nothing any more.
    case projectionsFollowed
    /// The server has removed the old rows.
    case vacuumed
}

/// Runs erasures of one ledger.
package struct ErasureRun: Sendable {
    /// How many events one transaction lists or purges.
    private static let page = 1000

    private let context: DecisionContext
    private let register: ErasureRegister
    private let transitions: ErasureTransitions
    private let reached: @Sendable (ErasureStep) async -> Void

    /// Prepares runs.
    ///
    /// - Parameters:
    ///   - context: the ledger whose erasures.
    ///   - reached: is told of each step that was reached.
    package init(
        _ context: DecisionContext,
        reached: @escaping @Sendable (ErasureStep) async -> Void = { _ in }
    ) {
        self.context = context
        register = ErasureRegister(pool: context.pools.executors)
        transitions = ErasureTransitions(pool: context.pools.executors)
        self.reached = reached
    }

    /// Takes an erasure as far as it can go now: to `purged`.
    ///
    /// - Returns: the erasure as it is then.
    /// - Throws: `approvalRequired` while another operator must sign, `hold` while a hold forbids
    ///   it, `projectionBehind` while a projection of the application has not followed.
    /// - Complexity: index look-ups for a subject's events, O(events) for a tenant.
    package func run(_ id: DecisionID) async throws(Problem) -> Erasure {
        while true {
            let erasure = try await register.find(id)
            let check = try await ApprovalCheck(context, of: erasure.tenant)
            switch erasure.state {
            case .requested, .approved, .onHold: try await fence(erasure, check)
            case .fenced: try await destroy(erasure, check)
            case .keysDestroyed:
                try await purge(erasure, check)
                return try await register.find(id)
            case .refused:
                try await giveBack(erasure, unless: check)
                return erasure
            case .purged, .epochRetired, .final: return erasure
            }
        }
    }

    // MARK: - Fence

    private func fence(_ erasure: Erasure, _ check: ApprovalCheck) async throws(Problem) {
        try check.requireDecided(erasure.id)
        var state = try await transitions.checkHold(erasure)
        if state == .approved {
            let keys = try await keys { vault throws(VaultError) in
                try await vault.block(erasure.tenant, erasure.scope)
            }
            await reached(.blocked)
            state = try await transitions.fence(erasure, keys)
        }
        switch state {
        case .onHold: try await wait(erasure)
        case .refused: try await giveBack(erasure, unless: check)
        default: await reached(.fenced)
        }
    }

    private func wait(_ erasure: Erasure) async throws(Problem) {
        try await giveBack(erasure)
        throw Problem(
            .hold,
            "a legal hold forbids this erasure for now",
            hint: "\(.listHolds); it can be run once the hold is released"
        )
    }

    /// Gives back what was blocked before it was refused, unless another erasure blocks the same.
    private func giveBack(
        _ erasure: Erasure,
        unless check: ApprovalCheck
    ) async throws(Problem) {
        guard !check.isAboutToGo(erasure.scope.subjectTag, but: erasure.id) else { return }
        try await giveBack(erasure)
    }

    /// Gives back what was blocked before the hold, or the refusal, was seen.
    private func giveBack(_ erasure: Erasure) async throws(Problem) {
        let fences = try await register.fences(erasure.tenant, erasure.scope.subjectTag)
        try await keys { vault throws(VaultError) in
            try await vault.unblock(
                erasure.tenant,
                erasure.scope,
                fencedKeys: fences.keys,
                fencedClasses: fences.classes
            )
        }
    }

    private func keys<Value: Sendable>(
        _ body: (Vault) async throws(VaultError) -> Value
    ) async throws(Problem) -> Value {
        do throws(VaultError) {
            return try await body(context.vault)
        } catch {
            throw Problem(error)
        }
    }

    // MARK: - Destroy

    private func destroy(
        _ erasure: Erasure,
        _ check: ApprovalCheck
    ) async throws(Problem) {
        try check.requireDecided(erasure.id)
        try check.requireNoHold(erasure)
        try await requireWhole(erasure, check)
        if !erasure.scope.isTenant {
            let listing = ErasureListing(context: context, transitions: transitions)
            try await listing.list(erasure, page: Self.page)
        }
        await reached(.partsListed)
        let fenced = check.fencedKeys(erasure.id).sorted { $0.hex < $1.hex }
        let epoch = try await keys { vault throws(VaultError) in
            try await vault.destroy(erasure.tenant, fenced, erasure.scope)
        }
        await reached(.keysDestroyed)
        try await transitions.recordDestruction(erasure, epoch: epoch)
        await reached(.destructionRecorded)
    }

    /// Requires that the fence has every key of the scope: it was named by whoever called for it.
    private func requireWhole(
        _ erasure: Erasure,
        _ check: ApprovalCheck
    ) async throws(Problem) {
        let keys = try await keys { vault throws(VaultError) in
            try await vault.block(erasure.tenant, erasure.scope)
        }
        guard Set(keys).isSubset(of: check.allFencedKeys) else {
            throw Problem(
                .forbidden,
                "the fence of this erasure lacks keys of its subject",
                hint:
                    "somebody else has fenced it: see who holds the role tally_executor, and ask "
                    + "for "
                    + "the erasure again"
            )
        }
    }

    // MARK: - Purge

    private func purge(
        _ erasure: Erasure,
        _ check: ApprovalCheck
    ) async throws(Problem) {
        try check.requireDecided(erasure.id)
        if erasure.purgedAt == nil {
            try await purgeLog(erasure)
            try await transitions.notePurged(erasure)
            await reached(.logPurged)
        }
        try await context.projections.followErasures(of: erasure.tenant)
        await reached(.projectionsFollowed)
        if erasure.vacuumedAt == nil {
            try await Vacuum.run(context, isTenant: erasure.scope.isTenant)
            try await transitions.noteVacuumed(erasure)
        }
        await reached(.vacuumed)
        try await context.requireClones(of: erasure.tenant, context.pools.executors)
        for clone in try await register.following(erasure.id) { _ = try await run(clone.id) }
        let retention = context.settings.backupRetention.components.seconds
        let until = context.now + UInt64(max(0, retention)) * 1_000_000
        try await transitions.finishPurge(erasure, backupsUntil: until)
    }

    private func purgeLog(_ erasure: Erasure) async throws(Problem) {
        var last = -1
        while let page = try await nextPage(erasure, after: last) {
            var rest = page[...]
            while !rest.isEmpty {
                let done = try await transitions.purge(erasure, Array(rest))
                guard done.taken > 0 else { throw Self.stuck }
                rest = rest.dropFirst(done.taken)
                await reached(.partsPurged)
            }
            last = page.last ?? last
        }
    }

    /// The next events to purge: the listed ones, of a tenant all.
    private func nextPage(
        _ erasure: Erasure,
        after position: Int
    ) async throws(Problem) -> [Int]? {
        guard erasure.scope.isTenant else {
            let page = try await register.listedEvents(erasure, after: position, limit: Self.page)
            return page.isEmpty ? nil : page
        }
        let size = erasure.fencePosition ?? 0
        let start = position + 1
        return start < size ? Array(start..<min(start + Self.page, size)) : nil
    }

    private static let stuck = Problem(
        .misconfigured,
        "an event that should be purged is missing",
        hint: "run \(.verify): it names what was damaged"
    )
}
