// The keys of a ledger as operators handle them: epochs, their change, and what to do when a part
// of the keys was lost.

public import TallyCore
internal import TallyDecisions
public import TallyVault

/// Key epochs, rotation and recovery of a ledger's keys.
///
/// ```swift
/// let report = try await ledger.keys.rotate()
/// ```
public struct Keys: Sendable {
    let ledger: Ledger

    /// The key epochs, destroyed ones included, oldest first.
    public func epochs() async throws(Problem) -> [KeyEpoch] {
        try await problems { () async throws(VaultError) in try await ledger.vault.epochs() }
    }

    /// Begins a new epoch and ends the old ones, or ends a rotation that was begun, and takes
    /// erasures on that waited for it.
    ///
    /// What an erasure destroyed can be opened from an old copy of the key store as long as an
    /// epoch from before it lives. ``KeyService`` rotates by itself; events may be appended
    /// meanwhile.
    /// - Returns: what was done.
    /// - Throws: `misconfigured` while key store, journal and KEKs do not fit together, and in a
    ///   copy of the ledger to which the KEKs do not belong; called again it goes on where it
    ///   ended.
    /// - Complexity: O(tenants, and keys of tenants in which one was destroyed).
    public func rotate() async throws(Problem) -> RotationReport {
        try await rotate { _ in }
    }

    /// As ``rotate()``; `reached` is told of each step.
    package func rotate(
        reached: @escaping @Sendable (RotationStep) async -> Void
    ) async throws(Problem) -> RotationReport {
        let report = try await problems { () async throws(VaultError) in
            try await KeyRotation(
                vault: ledger.vault,
                retention: ledger.configuration.keyBackupRetention,
                reached: reached
            ).run()
        }
        _ = try await ErasureRound(ledger.decisionContext).advance()
        return report
    }

    /// Looks whether a rotation would begin, and changes nothing.
    ///
    /// - Returns: the epoch that it would end.
    /// - Throws: as ``rotate()``.
    public func checkRotation() async throws(Problem) -> UInt64 {
        try await problems { () async throws(VaultError) in
            try await KeyRotation(vault: ledger.vault).check()
            return try await ledger.vault.currentEpoch() ?? 0
        }
    }

    /// Brings a lost or older key store back from the key journal; who was erased stays erased.
    ///
    /// The schema of the key store must be there. Fences of erasures that nobody has decided count
    /// for nothing. Rotate afterwards.
    /// - Returns: what is there again, and what stayed lost.
    public func restore() async throws(Problem) -> KeyRestoreReport {
        try await KeyStoreRecovery(ledger.decisionContext).run()
    }

    /// Takes the ledger's KEKs over for this copy of it: from now on no other one may end an epoch.
    ///
    /// After a failover, a move or a restore of the key store into another database, when this copy
    /// goes on and no other one does. Never in a drill.
    /// - Returns: `false` when this copy had them already.
    public func adopt() async throws(Problem) -> Bool {
        try await problems { () async throws(VaultError) in
            try await KeyOwnership(vault: ledger.vault).take()
        }
    }

    /// What ``giveUp(_:)`` would give up, as far as the epoch's journal says.
    ///
    /// - Throws: `misconfigured` for an epoch that is not lost.
    public func foreseeGivingUp(_ epoch: UInt64) async throws(Problem) -> GivenUp {
        try await problems { () async throws(VaultError) in
            try await LostEpoch(vault: ledger.vault).foresee(epoch)
        }
    }

    /// Ends an epoch whose KEK was lost, with what only it could open; nothing of it can be undone.
    ///
    /// What is lost then counts as lost, not as erased. First ``restore()`` what other epochs have.
    /// - Throws: `misconfigured` for an epoch that is not lost, and in a copy of the ledger to
    ///   which the KEKs do not belong.
    public func giveUp(_ epoch: UInt64) async throws(Problem) -> GivenUp {
        try await problems { () async throws(VaultError) in
            try await LostEpoch(vault: ledger.vault).giveUp(epoch)
        }
    }

    /// Whether the newest epoch has lasted as long as it may, or a rotation was not ended.
    package func isRotationDue() async throws(Problem) -> Bool {
        let epochs = try await epochs()
        guard let newest = epochs.last else { return false }
        let alive = epochs.count { $0.state == .active || $0.state == .preActive }
        return alive > 1
            || ledger.configuration.now >= newest.createdAt + ledger.configuration.keyEpoch
    }

    private func problems<Value>(
        _ body: () async throws(VaultError) -> Value
    ) async throws(Problem) -> Value {
        do throws(VaultError) {
            return try await body()
        } catch {
            throw Problem(error)
        }
    }
}

extension Ledger {
    /// The keys of this ledger.
    public var keys: Keys { Keys(ledger: self) }
}
