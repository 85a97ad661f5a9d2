// KEKs as files, one 0600 file an epoch: for development, and for servers whose directory is a
// mounted secret.

internal import Glibc
package import TallyCore
package import TallyCrypto

/// KEKs in a directory: `<ledger id>-<epoch, 20 digits>.kek`, 32 raw bytes each.
package struct FileKEKProvider: KEKProvider {
    private let directory: String
    private let ledger: LedgerID

    /// Uses, and if need be creates, a directory that only its owner can enter.
    ///
    /// - Throws: `provider` when the directory cannot be made.
    package init(directory: String, ledger: LedgerID) throws(VaultError) {
        self.directory = directory
        self.ledger = ledger
        try DurableFile.createDirectory(directory)
    }

    package var name: String { "file" }

    package var destructionAssurance: String {
        "overwritten and unlinked; copies in snapshots, backups or worn flash cells may remain"
    }

    package func create(epoch: UInt64) async throws(VaultError) {
        guard try isDestroyed(epoch) == false else { throw destroyed(epoch) }
        let kek: SecretBytes
        do throws(CryptoError) {
            kek = try SecretBytes.random()
        } catch {
            throw VaultError(.provider, error.description)
        }
        _ = try DurableFile.create(path(epoch), content: kek.withBytes { [UInt8]($0) })
        guard try isDestroyed(epoch) == false else {
            unlink(path(epoch))
            throw destroyed(epoch)
        }
    }

    package func wrap(
        _ key: SecretKey,
        epoch: UInt64,
        context: [UInt8]
    ) async throws(VaultError) -> [UInt8] {
        try SealedBlob.wrap(key, under: kek(epoch), context: context)
    }

    package func unwrap(
        _ blob: [UInt8],
        epoch: UInt64,
        context: [UInt8]
    ) async throws(VaultError) -> SecretKey {
        try SealedBlob.unwrap(blob, under: kek(epoch), context: context)
    }

    package func destroy(epoch: UInt64) async throws(VaultError) -> DestructionReceipt {
        _ = try DurableFile.create(tombstone(epoch), content: [])
        let descriptor = open(path(epoch), O_WRONLY | O_CLOEXEC)
        if descriptor >= 0 {
            defer { close(descriptor) }
            let noise = SecureRandom.bytes(SecretBytes.byteCount)
            try DurableFile.append(noise, to: descriptor, path: path(epoch))
            guard unlink(path(epoch)) == 0 || errno == ENOENT else {
                throw DurableFile.failure("remove", path(epoch))
            }
        } else if errno != ENOENT {
            throw DurableFile.failure("open", path(epoch))
        }
        try DurableFile.syncDirectory(of: path(epoch))
        return DestructionReceipt(
            provider: name,
            epoch: epoch,
            destroyedAt: Micros.now(),
            assurance: destructionAssurance
        )
    }

    package func state(epoch: UInt64) async throws(VaultError) -> KEKState {
        if try isDestroyed(epoch) { return .destroyed }
        return try DurableFile.read(path(epoch), limit: 33) == nil ? .absent : .active
    }

    private func kek(_ epoch: UInt64) throws(VaultError) -> SecretBytes {
        guard var bytes = try DurableFile.read(path(epoch), limit: 33) else {
            if try isDestroyed(epoch) { throw destroyed(epoch) }
            throw VaultError(
                .wrongKEK,
                "no KEK of epoch \(epoch) for this ledger in \(directory)"
            )
        }
        // A destruction that died, or goes on, may have left the file: with noise or the KEK in it.
        guard try !isDestroyed(epoch) else { throw destroyed(epoch) }
        do throws(CryptoError) {
            return try SecretBytes(consuming: &bytes)
        } catch {
            throw VaultError(.wrongKEK, "\(path(epoch)) is not a KEK of 32 bytes")
        }
    }

    private func isDestroyed(_ epoch: UInt64) throws(VaultError) -> Bool {
        try DurableFile.read(tombstone(epoch), limit: 1) != nil
    }

    private func destroyed(_ epoch: UInt64) -> VaultError {
        VaultError(.epochDestroyed, "the KEK of epoch \(epoch) was destroyed")
    }

    private func path(_ epoch: UInt64) -> String { stem(epoch) + ".kek" }

    private func tombstone(_ epoch: UInt64) -> String { stem(epoch) + ".destroyed" }

    private func stem(_ epoch: UInt64) -> String {
        "\(directory)/\(EpochFile.name(ledger: ledger, epoch: epoch))"
    }
}
