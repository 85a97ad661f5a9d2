// A rotation: a new epoch, every tenant's wrapping key under it, and the old epochs' end. Whatever
// was wrapped under a destroyed epoch only, in any copy anywhere, cannot be opened any more.

internal import TallyCore
internal import TallyCrypto

/// A rotation's steps, in their order; it can be resumed after any of them.
package enum RotationStep: String, CaseIterable, Sendable {
    /// The new epoch is recorded and has its KEK.
    case epochOpened
    /// Some tenants' wraps were stored under it.
    case wrapsReplaced
    /// Every wrap and key was counted and hangs on the new epoch.
    case checked
    /// The new epoch is the active one, and the old ones protect nothing any more.
    case deactivated
    /// A provider has destroyed an old epoch's KEK, and nobody has noted it.
    case kekDestroyed
    /// The key store knows that the KEK is gone.
    case epochEnded
}

/// What a rotation did.
public struct RotationReport: Sendable, Equatable {
    /// The epoch that keys are wrapped under now.
    public package(set) var epoch: UInt64 = 0
    /// Tenants whose wrapping key was wrapped again.
    public package(set) var tenants = 0
    /// Keys that were wrapped under a new wrapping key, because one beside them was destroyed.
    public package(set) var keys = 0
    /// Epochs whose KEK was destroyed now.
    public package(set) var destroyed: [UInt64] = []
}

/// Takes a ledger's keys from one epoch to the next.
package struct KeyRotation: Sendable {
    private let vault: Vault
    private let retention: Duration
    private let reached: @Sendable (RotationStep) async -> Void

    /// Prepares a rotation.
    ///
    /// - Parameters:
    ///   - vault: the ledger's keys.
    ///   - retention: how long an old epoch's KEK lives on, so that an older copy of the key store
    ///     can still be opened; 0 to 28 days.
    ///   - reached: is told of each step that was reached.
    package init(
        vault: Vault,
        retention: Duration = .zero,
        reached: @escaping @Sendable (RotationStep) async -> Void = { _ in }
    ) {
        self.vault = vault
        self.retention = retention
        self.reached = reached
    }

    /// Rotates, or ends a rotation that was begun.
    ///
    /// It may be interrupted anywhere and run again, and several processes may run it at once.
    /// - Throws: a ``VaultError``; no live key was lost then, and no epoch destroyed that one
    ///   needs. `outOfStep` when key store, journals and KEKs do not fit together, `notOwner` in a
    ///   copy of the ledger: then nothing was changed.
    /// - Complexity: O(tenants + keys): all journals of living epochs are read. The memory for the
    ///   keys of the largest tenant that one was destroyed of, and for 8 bytes of each key.
    package func run() async throws(VaultError) -> RotationReport {
        try await RotationGuard(vault: vault).require()
        var report = RotationReport()
        report.epoch = try await targetEpoch()
        await reached(.epochOpened)
        try await renew(&report)
        await reached(.deactivated)
        report.destroyed = try await KeyEpochs(vault: vault).destroyExpired(retention, reached)
        return report
    }

    /// Looks whether a rotation would begin now, and changes nothing.
    ///
    /// - Throws: `outOfStep` or `notOwner`, as ``run()`` would.
    package func check() async throws(VaultError) {
        try await RotationGuard(vault: vault, takesNamesakes: false).require()
    }

    /// The epoch of a rotation that was begun and not ended, or a new one.
    private func targetEpoch() async throws(VaultError) -> UInt64 {
        guard let newest = try await vault.epochs().last else {
            throw VaultError(.noKeys, "the key store has no epoch of this ledger; run tally init")
        }
        var target = newest.state == .preActive ? newest.number : newest.number + 1
        // Epochs that an older key store does not know, and that are over.
        while try await vault.provider.state(epoch: target) == .destroyed { target += 1 }
        try await vault.openEpoch(target)
        return target
    }

    /// Takes all tenants over to the new epoch, and those that came meanwhile, until it is the
    /// active one.
    private func renew(_ report: inout RotationReport) async throws(VaultError) {
        let renewal = WrapRenewal(vault: vault, epoch: report.epoch)
        for _ in 0..<VaultLimits.rotationPasses {
            while let done = try await renewal.next() {
                report.tenants += done.tenants
                report.keys += done.keys
                await reached(.wrapsReplaced)
            }
            try await RotationGuard(vault: vault).requireParents()
            await reached(.checked)
            if try await vault.switchEpoch(report.epoch) { return }
        }
        throw VaultError(.unavailable, "tenants keep being made under the old epoch; try again")
    }
}

/// Ends epochs that protect nothing any more.
package struct KeyEpochs: Sendable {
    private let vault: Vault

    /// Ends epochs of `vault`'s ledger.
    package init(vault: Vault) {
        self.vault = vault
    }

    /// Destroys the KEKs of deactivated epochs whose retention has passed; gives their numbers.
    ///
    /// - Throws: `notOwner` in a copy of the ledger, `outOfStep` while a journal has keys that the
    ///   key store has not.
    package func destroyExpired(
        _ retention: Duration,
        _ reached: @Sendable (RotationStep) async -> Void = { _ in }
    ) async throws(VaultError) -> [UInt64] {
        let now = Instant(micros: Micros.now())
        var destroyed: [UInt64] = []
        for epoch in try await vault.epochs() {
            guard epoch.state == .deactivated, let since = epoch.deactivatedAt,
                since + retention <= now, try await isUnused(epoch.number)
            else { continue }
            if destroyed.isEmpty { try await KeyOwnership(vault: vault).require() }
            try await requireStored(epoch.number)
            try await destroy(epoch.number, reached)
            destroyed.append(epoch.number)
        }
        return destroyed
    }

    /// Whether no wrap needs an epoch: after a restore of the key store one may.
    private func isUnused(_ epoch: UInt64) async throws(VaultError) -> Bool {
        try await vault.store.run { try KeyStore.countStale($0, epoch: epoch + 1) }.wraps == 0
    }

    /// Requires that the key store has what the epoch's journal has, which ends with it.
    private func requireStored(_ epoch: UInt64) async throws(VaultError) {
        try await RotationGuard(vault: vault).requireStored([epoch])
    }

    private func destroy(
        _ epoch: UInt64,
        _ reached: @Sendable (RotationStep) async -> Void
    ) async throws(VaultError) {
        let receipt = try await vault.provider.destroy(epoch: epoch)
        await reached(.kekDestroyed)
        try vault.journal.remove(epoch: epoch)
        let ledger = vault.ledger
        try await vault.store.run {
            try KeyStore.endEpoch($0, ledger: ledger, receipt)
        }
        await reached(.epochEnded)
    }
}
