// Key epochs of a ledger: rotation, the receipts of destroyed epochs in its own log, and the erasures
// that waited for them.

internal import TallyCore
internal import TallyStore
package import TallyVault

extension Ledger {
    /// Rotates the key epoch, or ends a rotation that was begun, and takes erasures on that waited.
    ///
    /// - Parameter reached: is told of each step of the rotation.
    /// - Returns: what was done.
    /// - Throws: ``Problem``; calling it again goes on where it ended.
    package func rotateKeys(
        reached: @escaping @Sendable (RotationStep) async -> Void = { _ in }
    ) async throws(Problem) -> RotationReport {
        do {
            let report = try await KeyRotation(
                vault: vault,
                retention: configuration.keyBackupRetention,
                reached: reached
            ).run()
            _ = try await advanceErasures()
            return report
        } catch {
            throw Problem(error)
        }
    }

    /// Brings a lost or older key store back from the key journal; who was erased stays erased.
    ///
    /// The schema of the key store must be there: `tally schema migrate`. Fences of erasures that nobody
    /// has decided count for nothing.
    package func restoreKeys() async throws(Problem) -> KeyRestoreReport {
        do {
            let register = ErasureRegister(pool: executors)
            let check = try await ApprovalCheck(self)
            var forged: [DecisionID] = []
            for erasure in try await register.list() where erasure.fencedAt != nil {
                if try await !check.isSound(erasure) { forged.append(erasure.id) }
            }
            let fences = try await register.allFences(but: forged)
            return try await KeyRestore(vault: vault).run(fences)
        } catch {
            throw Problem(error)
        }
    }

    /// Takes the ledger's KEKs over for this copy of it: from now on no other one may end an epoch.
    ///
    /// - Returns: `false` when this copy had them already.
    package func adoptKeys() async throws(Problem) -> Bool {
        do throws(VaultError) {
            return try await KeyOwnership(vault: vault).take()
        } catch {
            throw Problem(error)
        }
    }

    /// Records what was destroyed in the ledger's own log, and takes on every erasure whose time has
    /// come; gives how many.
    package func advanceErasures() async throws(Problem) -> Int {
        do {
            let transitions = ErasureTransitions(pool: executors)
            _ = try await KeyEpochs(vault: vault).destroyExpired(configuration.keyBackupRetention)
            let epochs = try await vault.epochs()
            for epoch in epochs where !epoch.isRecorded {
                guard let receipt = epoch.receipt else { continue }
                try await transitions.recordEpoch(receipt)
                try await vault.noteRecorded(epoch.number)
            }
            let oldest = epochs.first { $0.state != .destroyed }?.number ?? 0
            return try await transitions.advance(oldestEpoch: oldest)
        } catch {
            throw Problem(error)
        }
    }
}
