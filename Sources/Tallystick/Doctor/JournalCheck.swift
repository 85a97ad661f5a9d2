// Whether the key journal could replace the key store.

internal import TallyVault

/// Looks into the key journal.
struct JournalCheck {
    private let ledger: Ledger

    init(_ ledger: Ledger) {
        self.ledger = ledger
    }

    func findings() async -> [DoctorFinding] {
        do throws(VaultError) {
            let (keys, missing) = try await JournalAudit(vault: ledger.vault).run()
            return [
                DoctorFinding(
                    "key journal: content",
                    missing == 0 ? .good : .failing,
                    missing == 0
                        ? "it has all \(keys) keys"
                        : "\(missing) of \(keys) keys are in the key store only",
                    do: "tally key rotate writes them into a new journal"
                )
            ]
        } catch {
            return [
                DoctorFinding(
                    "key journal: content",
                    .failing,
                    "it cannot be read: \(error.message)",
                    do: "keep the key store safe, then tally key rotate: it begins a new journal"
                )
            ]
        }
    }
}
