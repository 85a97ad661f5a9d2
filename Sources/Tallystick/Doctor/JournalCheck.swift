// Whether the key journal could replace the key store, and whether the key store has what it has.

internal import TallyVault

/// Compares the key journal with the key store.
struct JournalCheck {
    private let ledger: Ledger
    private let looks: [EpochLook]

    init(_ ledger: Ledger, _ looks: [EpochLook]) {
        self.ledger = ledger
        self.looks = looks
    }

    func findings() async -> [DoctorFinding] {
        do throws(VaultError) {
            let living = looks.filter { $0.kek != .destroyed }
            let differences = try await JournalComparison(vault: ledger.vault)
                .run(living, looksBack: true)
            return [journal(differences), keyStore(differences)]
        } catch {
            return [
                DoctorFinding(
                    "key journal: content",
                    .failing,
                    "it cannot be read: \(error.message)",
                    do: error.hint
                        ?? "keep the key store safe, then \(.rotateKeys): it begins a new journal"
                )
            ]
        }
    }

    private func journal(_ differences: KeyDifferences) -> DoctorFinding {
        let (keys, missing) = (differences.keys, differences.unjournalled)
        return DoctorFinding(
            "key journal: content",
            missing == 0 ? .good : .failing,
            missing == 0
                ? "it has all \(keys) keys"
                : "\(missing) of \(keys) keys are in the key store only",
            do: "\(.rotateKeys) writes them into a new journal"
        )
    }

    private func keyStore(_ differences: KeyDifferences) -> DoctorFinding {
        let missing = differences.unstored.values.reduce(0, +)
        return DoctorFinding(
            "key store: content",
            missing == 0 ? .good : .failing,
            missing == 0
                ? "it has what the key journal has"
                : "\(missing) keys or tenants are in the key journal and not in the key store",
            do: "\(.restoreKeys) takes them over; until then nothing is rotated"
        )
    }
}
