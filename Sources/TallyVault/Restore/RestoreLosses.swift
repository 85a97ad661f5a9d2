// What a restore of the key store did not bring back: looked for afterwards, so that nothing is
// passed over in silence.

internal import TallyCore
internal import TallyPostgres

/// Finds what is still missing.
struct RestoreLosses: Sendable {
    let vault: Vault

    /// Adds what is missing, and why, to a report.
    func tell(
        _ looks: [EpochLook],
        _ lostTenants: Int,
        _ report: inout KeyRestoreReport
    ) async throws(VaultError) {
        for look in looks {
            if let loss = try await loss(look) {
                report.losses.append("epoch \(look.number): \(loss)")
            } else if let note = Self.note(look) {
                report.notes.append("epoch \(look.number): \(note)")
            }
        }
        if lostTenants > 0 {
            report.losses.append("\(lostTenants) tenants have a wrapping key that nothing opens")
        }
        let orphans = try await vault.store.run { connection in
            try connection.query("SELECT tally_keys.count_orphans()").natural(0, 0, as: Int.self)
        }
        if orphans > 0 {
            report.losses.append(
                "\(orphans) keys of the key store hang on wrapping keys that are gone"
            )
        }
    }

    /// What the journal of an epoch has and nothing else.
    private func loss(_ look: EpochLook) async throws(VaultError) -> String? {
        do throws(VaultError) {
            let missing = try await JournalComparison(vault: vault).run([look]).unstored
            guard let count = missing[look.number] else { return nil }
            let why = look.obstacle ?? "some of its keys do not open, or have no place"
            return "\(why); its journal alone has \(count) keys or tenants"
        } catch  where error.code == .journal {
            return error.message
        }
    }

    /// What is worth knowing about an epoch of which nothing is missing.
    private static func note(_ look: EpochLook) -> String? {
        let isLiving = look.recorded.map { $0 != .destroyed && $0 != .preActive } ?? look.hasJournal
        guard let why = look.obstacle, isLiving || look.isMarkedOnly else { return nil }
        return "\(why); it was passed over, and nothing of it is missing"
    }
}
