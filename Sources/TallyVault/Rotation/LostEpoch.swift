// The end of an epoch whose KEK was lost, when somebody decides so: rotations refuse until then,
// since what only this KEK opens is gone afterwards even if it is found again.

internal import TallyCore
internal import TallyPostgres

/// What was given up with an epoch.
public struct GivenUp: Sendable, Equatable {
    /// Tenants whose wrapping key nothing else had.
    public package(set) var tenants = 0
    /// Keys of the key store that nothing opens.
    public package(set) var keys = 0
    /// Keys and tenants of its journal that the key store has not.
    public package(set) var unstored = 0
}

/// Gives up epochs of a ledger.
package struct LostEpoch: Sendable {
    private static let assurance = "given up: its KEK was lost, and copies of it may exist"

    private let vault: Vault

    /// Gives up epochs of `vault`'s ledger.
    package init(vault: Vault) {
        self.vault = vault
    }

    /// What would be given up with an epoch, as far as its journal says.
    ///
    /// - Throws: `outOfStep` for an epoch that is no lost one.
    package func foresee(_ epoch: UInt64) async throws(VaultError) -> GivenUp {
        let looks = try await EpochSurvey(vault: vault).run()
        guard let look = looks.first(where: { $0.number == epoch }), look.recorded != nil
        else {
            throw VaultError(.outOfStep, "there is no epoch \(epoch)", hint: "\(.listKeys)")
        }
        guard !look.isUsable else {
            throw VaultError(
                .outOfStep,
                "the KEK of epoch \(epoch) is there and opens what is wrapped under it",
                hint: "nothing has to be given up: \(.restoreKeys), then \(.rotateKeys)"
            )
        }
        let unstored = try await JournalComparison(vault: vault).run([look]).unstored
        return GivenUp(unstored: unstored[epoch] ?? 0)
    }

    /// Ends a lost epoch: what only its KEK opens is forgotten, and counts as lost, not as erased.
    ///
    /// - Throws: `outOfStep` for an epoch that is no lost one, `notOwner` in a copy of the ledger.
    package func giveUp(_ epoch: UInt64) async throws(VaultError) -> GivenUp {
        try await KeyOwnership(vault: vault).require()
        var given = try await foresee(epoch)
        _ = try await vault.provider.destroy(epoch: epoch)
        let ledger = vault.ledger
        (given.tenants, given.keys) = try await vault.store.run { connection in
            let rows = try connection.query(
                "SELECT tenants, keys FROM tally_keys.give_up_epoch($1, $2, $3, $4)",
                [
                    .uuid(ledger.bytes), .bigint(Int64(clamping: epoch)),
                    .bigint(Int64(clamping: Micros.now())), .text(Self.assurance),
                ]
            )
            guard let row = rows.first else { return (0, 0) }
            return (try row["tenants"].natural(), try row["keys"].natural())
        }
        try vault.journal.remove(epoch: epoch)
        return given
    }
}
