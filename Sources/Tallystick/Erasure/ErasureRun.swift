// Carries an approved erasure out: fence, destroy, purge. Every state is durable before the next one
// begins, so whatever interrupts it, running it again goes on from there.

package import TallyCore
internal import TallyCrypto
internal import TallyPostgres
internal import TallyReplay
package import TallyStore
internal import TallyVault

/// The steps of an erasure's run, in their order; it can be resumed after any of them.
package enum ErasureStep: String, CaseIterable, Sendable {
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

    private let ledger: Ledger
    private let register: ErasureRegister
    private let transitions: ErasureTransitions
    private let reached: @Sendable (ErasureStep) async -> Void

    /// Prepares runs.
    ///
    /// - Parameters:
    ///   - ledger: whose erasures.
    ///   - reached: is told of each step that was reached.
    package init(
        ledger: Ledger,
        reached: @escaping @Sendable (ErasureStep) async -> Void = { _ in }
    ) {
        self.ledger = ledger
        register = ErasureRegister(pool: ledger.executors)
        transitions = ErasureTransitions(pool: ledger.executors)
        self.reached = reached
    }

    /// Takes an erasure as far as it can go now: to `purged`.
    ///
    /// - Returns: the erasure as it is then.
    /// - Throws: `approvalRequired` while another operator must sign, `hold` while a hold forbids it,
    ///   `projectionBehind` while a projection of the application has not followed.
    /// - Complexity: index look-ups for a subject's events, O(events) for a tenant.
    package func run(_ id: DecisionID) async throws(StoreError) -> ErasureRow {
        let check = try await ApprovalCheck(ledger)
        while true {
            let erasure = try await register.find(id)
            switch erasure.state {
            case .requested, .approved, .onHold: try await fence(erasure, check)
            case .fenced: try await destroy(erasure, check)
            case .keysDestroyed: try await purge(erasure, check)
            case .purged, .epochRetired, .final, .refused: return erasure
            }
        }
    }

    // MARK: - Fence

    private func fence(_ erasure: ErasureRow, _ check: ApprovalCheck) async throws(StoreError) {
        guard erasure.state != .requested, try await register.isApproved(erasure.id) else {
            throw StoreError(
                .approvalRequired,
                "another operator must approve it first",
                hint: "tally approval approve \(erasure.id.hex) --operator-key FILE"
            )
        }
        try await check.requireSound(erasure)
        try await check.requireReleased(erasure)
        var state = try await transitions.checkHold(erasure.id)
        if state == .approved {
            let keys = try await keys { vault throws(VaultError) in
                try await vault.block(erasure.tenant, erasure.scope)
            }
            await reached(.blocked)
            state = try await transitions.fence(erasure.id, keys)
        }
        guard state != .onHold else { return try await wait(erasure) }
        await reached(.fenced)
    }

    /// Gives back what was blocked before the hold was seen.
    private func wait(_ erasure: ErasureRow) async throws(StoreError) {
        let fences = try await register.fences(erasure.tenant, erasure.scope.subjectTag)
        try await keys { vault throws(VaultError) in
            try await vault.unblock(
                erasure.tenant,
                erasure.scope,
                fencedKeys: fences.keys,
                fencedClasses: fences.classes
            )
        }
        throw StoreError(
            .hold,
            "a legal hold forbids this erasure for now",
            hint: "tally hold list; it can be run once the hold is released"
        )
    }

    private func keys<Value: Sendable>(
        _ body: (Vault) async throws(VaultError) -> Value
    ) async throws(StoreError) -> Value {
        do throws(VaultError) {
            return try await body(ledger.vault)
        } catch {
            throw StoreError(error)
        }
    }

    // MARK: - Destroy

    private func destroy(
        _ erasure: ErasureRow,
        _ check: ApprovalCheck
    ) async throws(StoreError) {
        try await check.requireSound(erasure)
        try await requireWhole(erasure)
        if !erasure.scope.isTenant {
            let listing = ErasureListing(ledger: ledger, transitions: transitions)
            try await listing.list(erasure, page: Self.page)
        }
        await reached(.partsListed)
        let fenced = try await register.fencedKeys(erasure.id)
        let epoch = try await keys { vault throws(VaultError) in
            try await vault.destroy(erasure.tenant, fenced, erasure.scope)
        }
        await reached(.keysDestroyed)
        try await transitions.recordDestruction(erasure.id, epoch: epoch)
        await reached(.destructionRecorded)
    }

    /// Requires that the fence has every key of the scope: it was named by whoever called for it.
    private func requireWhole(_ erasure: ErasureRow) async throws(StoreError) {
        let keys = try await keys { vault throws(VaultError) in
            try await vault.block(erasure.tenant, erasure.scope)
        }
        let fenced = try await register.fences(erasure.tenant, erasure.scope.subjectTag).keys
        guard Set(keys).isSubset(of: fenced) else {
            throw StoreError(
                .refused,
                "the fence of this erasure lacks keys of its subject",
                hint:
                    "somebody else has fenced it: see who holds the role tally_executor, and ask for "
                    + "the erasure anew"
            )
        }
    }

    // MARK: - Purge

    private func purge(
        _ erasure: ErasureRow,
        _ check: ApprovalCheck
    ) async throws(StoreError) {
        try await check.requireSound(erasure)
        if erasure.purgedAt == nil {
            try await purgeLog(erasure)
            try await transitions.notePurged(erasure.id)
            await reached(.logPurged)
        }
        try await ledger.projections().followErasures(of: erasure.tenant)
        await reached(.projectionsFollowed)
        if erasure.vacuumedAt == nil {
            try await Vacuum.run(ledger, isTenant: erasure.scope.isTenant)
            try await transitions.noteVacuumed(erasure.id)
        }
        await reached(.vacuumed)
        for clone in try await register.following(erasure.id) { _ = try await run(clone.id) }
        let retention = ledger.configuration.backupRetention.components.seconds
        let until = ledger.configuration.clock() + UInt64(max(0, retention)) * 1_000_000
        try await transitions.finishPurge(erasure.id, backupsUntil: until)
    }

    private func purgeLog(_ erasure: ErasureRow) async throws(StoreError) {
        try await Vacuum.summarize(ledger)
        var last = -1
        while let page = try await nextPage(erasure, after: last) {
            var rest = page[...]
            while !rest.isEmpty {
                let done = try await transitions.purge(erasure.id, Array(rest))
                guard done.taken > 0 else { throw Self.stuck }
                rest = rest.dropFirst(done.taken)
                await reached(.partsPurged)
            }
            last = page.last ?? last
        }
    }

    /// The next events to purge: the listed ones, of a tenant all.
    private func nextPage(
        _ erasure: ErasureRow,
        after position: Int
    ) async throws(StoreError) -> [Int]? {
        guard erasure.scope.isTenant else {
            let page = try await register.listedEvents(
                erasure.id,
                after: position,
                limit: Self.page
            )
            return page.isEmpty ? nil : page
        }
        let size = erasure.fencePosition ?? 0
        let start = position + 1
        return start < size ? Array(start..<min(start + Self.page, size)) : nil
    }

    private static let stuck = StoreError(
        .misconfigured,
        "an event that should be purged is missing",
        hint: "run tally verify: it names what was damaged"
    )
}
