// What has to hold before a rotation begins: it ends in the destruction of KEKs and journals, so
// nothing may be left that only they have.

internal import TallyCore
internal import TallyPostgres

/// Refuses a rotation that would lose a key.
struct RotationGuard: Sendable {
    let vault: Vault
    /// Whether keys that have a namesake in the key store are taken over instead of refused.
    var takesNamesakes = true

    /// Requires that this copy owns the KEKs, that they open what is wrapped under them, and that
    /// the key store has what the journals have.
    ///
    /// - Throws: `notOwner` or `outOfStep`; nothing was changed.
    func require() async throws(VaultError) {
        // First the KEKs: where they are missing, the notes about their owner are missing too.
        let looks = try await EpochSurvey(vault: vault).run()
        for look in looks { try Self.require(look) }
        try await KeyOwnership(vault: vault).require()
        try await requireStored(looks)
        try await requireParents()
    }

    /// Requires that the key store has what the journals of some epochs have.
    func requireStored(_ epochs: Set<UInt64>) async throws(VaultError) {
        let looks = try await EpochSurvey(vault: vault).run()
        try await requireStored(looks.filter { epochs.contains($0.number) })
    }

    private func requireStored(_ looks: [EpochLook]) async throws(VaultError) {
        let living = looks.filter { $0.kek != .destroyed }
        let unstored = try await JournalComparison(vault: vault, takesNamesakes: takesNamesakes)
            .run(living).unstored
        for look in living {
            guard let count = unstored[look.number] else { continue }
            throw Self.unstored(count, look)
        }
    }

    /// Requires that each key opens under its tenant's wrapping key.
    func requireParents() async throws(VaultError) {
        let orphans = try await vault.store.run { connection in
            try connection.query("SELECT tally_keys.count_orphans()").natural(0, 0, as: Int.self)
        }
        guard orphans == 0 else {
            throw VaultError(
                .outOfStep,
                "\(orphans) keys of the key store hang on wrapping keys that are gone",
                hint:
                    "bring back the KEK and the journal of their epoch, then \(.restoreKeys); "
                    + "if they "
                    + "are lost for good: \(.giveUpEpoch(nil))"
            )
        }
    }

    private static func unstored(_ count: Int, _ look: EpochLook) -> VaultError {
        let what =
            "\(count) keys or tenants are in the key journal of epoch \(look.number) and not in "
            + "the key store, and would die with it"
        guard let obstacle = look.obstacle else {
            return VaultError(
                .outOfStep,
                what,
                hint: "\(.restoreKeys) takes them over; then rotate again"
            )
        }
        return VaultError(
            .outOfStep,
            "\(what); \(obstacle)",
            hint: "bring the KEK back, then \(.restoreKeys); if it is lost for good: "
                + "\(.giveUpEpoch(look.number))"
        )
    }

    private static func require(_ look: EpochLook) throws(VaultError) {
        let epoch = look.number
        if look.recorded == nil, look.kek == .active {
            throw VaultError(
                .outOfStep,
                "a KEK of epoch \(epoch) is there, of which the key store knows nothing",
                hint:
                    "if the key store is an older copy, \(.restoreKeys); otherwise find out "
                    + "whose "
                    + "it is, and move it away"
            )
        }
        guard look.isNeeded || look.recorded == .active else { return }
        switch look.kek {
        case .active where look.isUsable: return
        case .active:
            throw VaultError(
                .outOfStep,
                "the KEK of epoch \(epoch) does not open the keys that are wrapped under it",
                hint: "it is another ledger's, or damaged: put the right one back; see \(.examine)"
            )
        case .absent:
            throw VaultError(
                .outOfStep,
                "the KEK of epoch \(epoch) is missing, and keys are wrapped under it",
                hint: "bring it back; if it is lost, \(.restoreKeys) takes what other epochs have"
            )
        case .destroyed:
            throw VaultError(
                .outOfStep,
                "the key store still needs epoch \(epoch), whose KEK was destroyed: it is an "
                    + "older copy",
                hint: "\(.restoreKeys) brings it up to date; then rotate again"
            )
        }
    }
}
