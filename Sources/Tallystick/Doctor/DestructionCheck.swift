// Whether what the log says was destroyed is destroyed: the ledger's database cannot know, the key store
// does.

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
        var alive = 0
        for (tenant, ids) in try await ErasureRegister(pool: ledger.executors).destroyedKeys() {
            alive += try await ledger.vault.countLive(tenant, ids)
        }
        return DoctorFinding(
            "destroyed keys",
            alive == 0 ? .good : .failing,
            alive == 0
                ? "the key store has none of them"
                : "\(alive) are alive that the log says are destroyed",
            do:
                "after a restore of the key store run tally key restore; else somebody wrote what is "
                + "not so: see who holds the role tally_executor"
        )
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
                "after a restore of the key store run tally key rotate; else somebody wrote what is "
                + "not so: see who holds the role tally_executor"
        )
    }
}
