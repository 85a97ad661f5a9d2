// Key epochs: whether they end in time, and whether anything still hangs on an old one.

internal import TallyVault

/// Looks at a ledger's key epochs.
struct EpochCheck {
    private let ledger: Ledger

    init(_ ledger: Ledger) {
        self.ledger = ledger
    }

    func findings() async throws -> [DoctorFinding] {
        let epochs = try await ledger.vault.epochs()
        guard let newest = epochs.last(where: { $0.state == .active }) else {
            return [
                DoctorFinding(
                    "key epoch",
                    .failing,
                    "the key store has no active epoch",
                    do: "\(.restoreKeys), if the key store was lost"
                )
            ]
        }
        return [age(newest), old(epochs), recorded(epochs)]
    }

    private func age(_ epoch: KeyEpoch) -> DoctorFinding {
        let now = ledger.configuration.clock()
        let seconds = Int((now - min(now, epoch.createdAt.micros)) / 1_000_000)
        let limit = Int(ledger.configuration.keyEpoch.components.seconds)
        return DoctorFinding(
            "key epoch",
            seconds <= limit ? .good : seconds <= 24 * 3600 ? .weak : .failing,
            "epoch \(epoch.number) is \(seconds / 60) minutes old",
            do: "\(.rotateKeys); run the key service, or rotate every \(limit / 3600) hours"
        )
    }

    private func old(_ epochs: [KeyEpoch]) -> DoctorFinding {
        let alive = epochs.dropLast().filter { $0.state != .destroyed }.map(\.number)
        let retention = ledger.configuration.keyBackupRetention.components.seconds
        let isMeant = retention > 0
        return DoctorFinding(
            "old epochs",
            alive.isEmpty ? .good : .weak,
            alive.isEmpty
                ? "all destroyed"
                : "\(alive.count) alive: copies of erased keys can still be opened",
            do: isMeant
                ? "this is the retention of \(retention / 86400) days that was chosen"
                : "\(.rotateKeys) ends what a rotation left"
        )
    }

    private func recorded(_ epochs: [KeyEpoch]) -> DoctorFinding {
        let missing = epochs.count { $0.state == .destroyed && !$0.isRecorded }
        return DoctorFinding(
            "receipts",
            missing == 0 ? .good : .weak,
            missing == 0
                ? "the log has one for each destroyed epoch"
                : "\(missing) destroyed epochs are not in the log",
            do: "\(.runErasure(nil)) records them"
        )
    }
}
