// Whether what the log says was destroyed is destroyed: the ledger's database cannot know, the key
// store does.

internal import TallyCore
internal import TallyStore
internal import TallyVault

/// Compares destructions in the log with the key store.
struct DestructionCheck {
    private let ledger: Ledger

    init(_ ledger: Ledger) {
        self.ledger = ledger
    }

    func findings() async throws -> [DoctorFinding] {
        [try await keys(), try await epochs()]
    }

    private func keys() async throws -> DoctorFinding {
        let alive = try await hasLiveKeys()
        return DoctorFinding(
            "destroyed keys",
            alive ? .failing : .good,
            alive
                ? "keys are alive that the log says are destroyed"
                : "the key store has none of them",
            do:
                "find out whose they are, and who holds the role tally_executor; if the key store "
                + "is "
                + "an older copy, \(.restoreKeys)"
        )
    }

    private struct Subject: Hashable {
        let tenant: TenantID
        let tag: BlindTag
    }

    /// Whether a key lives that was named as destroyed, or one of a subject of whom none may.
    private func hasLiveKeys() async throws -> Bool {
        let register = ErasureRegister(pool: ledger.executors)
        for (tenant, ids) in try await register.destroyedKeys()
        where try await ledger.vault.countLive(tenant, ids) > 0 {
            return true
        }
        // Who was readmitted has new ones.
        let back = Set(try await register.readmitted().map { Subject(tenant: $0, tag: $1) })
        for erasure in try await register.list() where erasure.destroyedAt != nil {
            let subject = Subject(tenant: erasure.tenant, tag: erasure.scope.subjectTag)
            if !back.contains(subject),
                try await ledger.vault.countLive(erasure.tenant, erasure.scope) > 0
            {
                return true
            }
        }
        return false
    }

    private func epochs() async throws -> DoctorFinding {
        let receipts = try await ErasureRegister(pool: ledger.executors).receiptedEpochs()
        let alive = try await ledger.vault.epochs()
            .count { $0.state != .destroyed && receipts.contains($0.number) }
        return DoctorFinding(
            "destroyed epochs",
            alive == 0 ? .good : .failing,
            alive == 0
                ? "the key store has none of them alive"
                : "\(alive) are alive that the log says are destroyed",
            do:
                "after a restore of the key store run \(.rotateKeys); else somebody wrote what "
                + "is "
                + "not so: see who holds the role tally_executor"
        )
    }
}
