// KEKs in memory, for tests: everything a provider must do, nothing that stays.

internal import Synchronization
internal import TallyCore
package import TallyCrypto

/// KEKs that die with the process.
package final class InMemoryKEKProvider: KEKProvider {
    private enum Slot {
        case active(SecretKey)
        case destroyed
    }

    private let slots = Mutex<[UInt64: Slot]>([:])
    private let notes = Mutex<Set<ByteText>>([])

    /// Begins without any KEK.
    package init() {}

    package var name: String { "memory" }

    package var destructionAssurance: String { "zeroed in this process's memory" }

    package func create(epoch: UInt64) async throws(VaultError) {
        let fresh: SecretKey
        do throws(CryptoError) {
            fresh = try SecretKey.random()
        } catch {
            throw VaultError(.provider, error.description)
        }
        let isDestroyed = slots.withLock { slots in
            if case .destroyed = slots[epoch] { return true }
            if slots[epoch] == nil { slots[epoch] = .active(fresh) }
            return false
        }
        if isDestroyed { throw destroyed(epoch) }
    }

    package func wrap(
        _ key: SecretKey,
        epoch: UInt64,
        context: [UInt8]
    ) async throws(VaultError) -> [UInt8] {
        try kek(epoch).withBytes { (bytes) throws(VaultError) in
            try SealedBlob.wrap(key, under: Self.copy(bytes), context: context)
        }
    }

    package func unwrap(
        _ blob: [UInt8],
        epoch: UInt64,
        context: [UInt8]
    ) async throws(VaultError) -> SecretKey {
        try kek(epoch).withBytes { (bytes) throws(VaultError) in
            try SealedBlob.unwrap(blob, under: Self.copy(bytes), context: context)
        }
    }

    package func destroy(epoch: UInt64) async throws(VaultError) -> DestructionReceipt {
        slots.withLock { $0[epoch] = .destroyed }
        return DestructionReceipt(
            provider: name,
            epoch: epoch,
            destroyedAt: Micros.now(),
            assurance: destructionAssurance
        )
    }

    package func state(epoch: UInt64) async throws(VaultError) -> KEKState {
        slots.withLock { slots in
            switch slots[epoch] {
            case nil: .absent
            case .active: .active
            case .destroyed: .destroyed
            }
        }
    }

    package func holds(epoch: UInt64) async throws(VaultError) -> Bool {
        try await state(epoch: epoch) == .active
    }

    package func hasNote(_ note: String) async throws(VaultError) -> Bool {
        notes.withLock { $0.contains(ByteText(note)) }
    }

    package func leaveNote(_ note: String) async throws(VaultError) {
        notes.withLock { _ = $0.insert(ByteText(note)) }
    }

    private func kek(_ epoch: UInt64) throws(VaultError) -> SecretKey {
        switch slots.withLock({ $0[epoch] }) {
        case .active(let key): return key
        case .destroyed: throw destroyed(epoch)
        case nil: throw VaultError(.wrongKEK, "no KEK of epoch \(epoch)")
        }
    }

    private func destroyed(_ epoch: UInt64) -> VaultError {
        VaultError(.epochDestroyed, "the KEK of epoch \(epoch) was destroyed")
    }

    private static func copy(_ bytes: UnsafeRawBufferPointer) throws(VaultError) -> SecretBytes {
        var array = [UInt8](bytes)
        do throws(CryptoError) {
            return try SecretBytes(consuming: &array)
        } catch {
            throw VaultError(.provider, error.description)
        }
    }
}
