// Whether the KEK of each epoch is as the key store and the log have it: tried on what is wrapped
// under it, and gone where it was destroyed.

internal import TallyStore
internal import TallyVault

/// Looks at the KEKs of all epochs.
struct KEKCheck {
    private let ledger: Ledger
    private let looks: [EpochLook]

    init(_ ledger: Ledger, _ looks: [EpochLook]) {
        self.ledger = ledger
        self.looks = looks
    }

    func findings() async throws -> [DoctorFinding] {
        let receipts = try await ErasureRegister(pool: ledger.executors).receiptedEpochs()
        return [living(), gone(receipts), try await owner()]
    }

    private func living() -> DoctorFinding {
        let faults = looks.compactMap { look in
            Self.fault(look).map { "epoch \(look.number): \($0)" }
        }
        let tried = looks.count { $0.opens == true }
        return DoctorFinding(
            "KEKs: living epochs",
            faults.isEmpty ? .good : .failing,
            faults.isEmpty
                ? "\(tried) tried, and what is wrapped under them opens"
                : faults.joined(separator: "; "),
            do:
                "bring the right one back; if the key store is an older copy, or a KEK is lost: "
                + "tally "
                + "key restore"
        )
    }

    /// What is wrong with the KEK of an epoch that is not over.
    private static func fault(_ look: EpochLook) -> String? {
        if look.recorded == nil, look.kek == .active {
            return "its KEK is there, and the key store knows nothing of it"
        }
        guard look.isNeeded || look.recorded == .active || look.recorded == .deactivated else {
            return nil
        }
        switch look.kek {
        case .active where look.isUsable: return nil
        case .active: return "its KEK does not open what is wrapped under it: it is another one"
        case .absent: return "its KEK is missing"
        // One that nothing needs any more was destroyed, and nobody has noted it.
        case .destroyed where !look.isNeeded && look.recorded == .deactivated: return nil
        case .destroyed: return "its KEK was destroyed, and the key store still needs it"
        }
    }

    private func gone(_ receipts: Set<UInt64>) -> DoctorFinding {
        let back = looks.filter { look in
            look.isBack || receipts.contains(look.number) && look.kek == .active
        }
        let numbers = back.map { "\($0.number)" }.joined(separator: ", ")
        return DoctorFinding(
            "KEKs: destroyed epochs",
            back.isEmpty ? .good : .failing,
            back.isEmpty
                ? "none is there"
                : "the KEK of epoch \(numbers) was destroyed and is there again: older copies of "
                    + "what "
                    + "was erased can be opened",
            do:
                "find out who brought it back, and destroy it again; keep the marks of destroyed "
                + "epochs "
                + "with every copy"
        )
    }

    private func owner() async throws -> DoctorFinding {
        do throws(VaultError) {
            return owner(try await KeyOwnership(vault: ledger.vault).isHeld())
        } catch {
            guard error.code == .unavailable else { throw error }
            let advice = error.hint ?? "try again"
            return DoctorFinding("KEKs: owner", .unknown, error.message, do: advice)
        }
    }

    private func owner(_ isHeld: Bool) -> DoctorFinding {
        DoctorFinding(
            "KEKs: owner",
            isHeld ? .good : .failing,
            isHeld
                ? "this copy of the ledger"
                : "another copy of this ledger, or this one in another place: epochs cannot be "
                    + "ended "
                    + "here",
            do:
                "if this is the one that goes on: \(.adoptKeys); else give it KEKs and a "
                + "journal of "
                + "its own"
        )
    }
}
