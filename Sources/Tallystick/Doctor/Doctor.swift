// Looks at everything on which the promises about keys and erasures rest, and changes nothing.

public import TallyCore
internal import TallyPostgres
internal import TallyVault

/// Examines a ledger's installation.
package struct Doctor: Sendable {
    private let ledger: Ledger

    /// Examines a ledger.
    package init(_ ledger: Ledger) {
        self.ledger = ledger
    }

    /// Looks at everything; what cannot be seen from here is said to be unknown.
    package func examine() async throws(Problem) -> [DoctorFinding] {
        do {
            let superusers = (
                ledger: ledger.configuration.pool(),
                keys: ledger.configuration.keysPool()
            )
            defer {
                superusers.ledger.close()
                superusers.keys.close()
            }
            let database = try await ServerFacts.read(
                superusers.ledger,
                "ledger database",
                owner: "tally_owner"
            )
            let keys = try await ServerFacts.read(
                superusers.keys,
                "key store",
                owner: "tally_key_owner"
            )
            return PlaceCheck(ledger.configuration, database: database, keys: keys).findings()
                + PermissionCheck(ledger.configuration).findings()
                + MachineCheck.findings() + database.findings() + keys.findings()
                + (try await keysAndJournal())
                + (try await EpochCheck(ledger).findings())
                + (try await DestructionCheck(ledger).findings())
                + (try await DeadlineCheck(ledger).findings())
                + (try await KeepingCheck(ledger).findings())
                + (try await StopCheck(ledger).findings())
        } catch {
            throw Problem(error)
        }
    }

    /// What can only be seen with the KEKs' provider at hand.
    private func keysAndJournal() async throws -> [DoctorFinding] {
        let looks: [EpochLook]
        do throws(VaultError) {
            looks = try await EpochSurvey(
                vault: ledger.vault,
                ended: VaultLimits.destroyedEpochs
            ).run()
        } catch  where error.code != .damagedKey {
            let problem = Problem(error)
            return [
                DoctorFinding(
                    "KEKs: living epochs",
                    problem.code == .unavailable ? .unknown : .failing,
                    problem.message,
                    do: problem.remedy
                )
            ]
        }
        let keks = try await KEKCheck(ledger, looks).findings()
        return keks + (await JournalCheck(ledger, looks).findings())
    }
}

extension Ledger {
    /// Looks at everything on which the promises about keys, erasures and projections rest, and
    /// changes nothing.
    ///
    /// What cannot be seen from here is said to be unknown.
    /// - Returns: one finding for each thing that was looked at, always in the same order.
    public func examine() async throws(Problem) -> [DoctorFinding] {
        try await Doctor(self).examine()
    }
}
