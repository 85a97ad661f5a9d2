// KEKs as files, one 0600 file an epoch: for development, and for servers whose directory is a
// mounted secret.

internal import Glibc
package import TallyCore
package import TallyCrypto

/// KEKs in a directory: `<ledger id>-<epoch, 20 digits>.kek`, 32 raw bytes each.
///
/// Beside each is a file `.made` with the KEK's key id, written before it: a KEK without one was
/// put there by somebody else, and no epoch is begun with it.
package struct FileKEKProvider: KEKProvider {
    private let directory: String
    private let ledger: LedgerID

    /// Uses, and if need be creates, a directory that only its owner can enter.
    ///
    /// - Throws: `provider` when the directory cannot be made.
    package init(directory: String, ledger: LedgerID) throws(VaultError) {
        self.directory = directory
        self.ledger = ledger
        try KeyDirectory.make(directory)
    }

    package var name: String { "file" }

    package var destructionAssurance: String {
        "overwritten and unlinked; copies in snapshots, backups or worn flash cells may remain"
    }

    package func create(epoch: UInt64) async throws(VaultError) {
        let folder = try KeyDirectory(directory)
        try folder.locked { () throws(VaultError) in
            guard try !folder.has(tombstone(epoch)) else { throw destroyed(epoch) }
            guard try !folder.has(file(epoch)) else { return try requireOwn(epoch, folder) }
            var kek = try Self.random()
            let id = try Self.id(of: &kek)
            try folder.remove(proof(epoch))
            _ = try folder.create(proof(epoch), content: id.bytes)
            guard try folder.create(file(epoch), content: kek) else { throw foreign(epoch) }
            let count = kek.count
            explicit_bzero(&kek, count)
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
        let folder = try KeyDirectory(directory)
        try folder.locked { () throws(VaultError) in
            _ = try folder.create(tombstone(epoch), content: [])
            // One that others could read is destroyed all the more.
            if let kek = try folder.open(file(epoch), O_WRONLY, demand: .own) {
                defer { close(kek) }
                let noise = SecureRandom.bytes(SecretBytes.byteCount)
                try DurableFile.append(noise, to: kek, path: folder.place(file(epoch)))
                try folder.remove(file(epoch))
            }
            try folder.remove(proof(epoch))
        }
        return DestructionReceipt(
            provider: name,
            epoch: epoch,
            destroyedAt: Micros.now(),
            assurance: destructionAssurance
        )
    }

    package func state(epoch: UInt64) async throws(VaultError) -> KEKState {
        let folder = try KeyDirectory(directory)
        if try folder.has(tombstone(epoch)) { return .destroyed }
        return try folder.has(file(epoch)) ? .active : .absent
    }

    package func holds(epoch: UInt64) async throws(VaultError) -> Bool {
        try KeyDirectory(directory).has(file(epoch))
    }

    package func hasNote(_ note: String) async throws(VaultError) -> Bool {
        try KeyDirectory(directory).has(file(ofNote: note))
    }

    package func leaveNote(_ note: String) async throws(VaultError) {
        _ = try KeyDirectory(directory).create(file(ofNote: note), content: [])
    }

    private func kek(_ epoch: UInt64) throws(VaultError) -> SecretBytes {
        let folder = try KeyDirectory(directory)
        guard var bytes = try folder.read(file(epoch), limit: SecretBytes.byteCount + 1) else {
            if try folder.has(tombstone(epoch)) { throw destroyed(epoch) }
            throw VaultError(
                .wrongKEK,
                "no KEK of epoch \(epoch) for this ledger in \(directory)"
            )
        }
        // A destruction that died, or goes on, may have left the file: with noise or the KEK in it.
        guard try !folder.has(tombstone(epoch)) else { throw destroyed(epoch) }
        do throws(CryptoError) {
            return try SecretBytes(consuming: &bytes)
        } catch {
            throw VaultError(.wrongKEK, "\(folder.place(file(epoch))) is not a KEK of 32 bytes")
        }
    }

    /// Requires that ``create(epoch:)`` has made the KEK that is there.
    private func requireOwn(
        _ epoch: UInt64,
        _ folder: borrowing KeyDirectory
    ) throws(VaultError) {
        let proof = try folder.read(proof(epoch), limit: Digest.byteCount + 1)
        let content = try folder.read(file(epoch), limit: SecretBytes.byteCount + 1)
        guard let proof, var kek = content, kek.count == SecretBytes.byteCount,
            try Self.id(of: &kek).bytes == proof
        else { throw foreign(epoch) }
    }

    private static func random() throws(VaultError) -> [UInt8] {
        do throws(CryptoError) {
            return try SecretBytes.random().withBytes { [UInt8]($0) }
        } catch {
            throw VaultError(.provider, error.description)
        }
    }

    /// The key id of a KEK, which stays in `bytes`.
    private static func id(of bytes: inout [UInt8]) throws(VaultError) -> KeyID {
        var copy = bytes
        do throws(CryptoError) {
            return try SecretKey(SecretBytes(consuming: &copy)).id
        } catch {
            throw VaultError(.provider, error.description)
        }
    }

    private func foreign(_ epoch: UInt64) -> VaultError {
        VaultError(
            .foreignKEK,
            "\(directory)/\(file(epoch)) was there before this ledger made a KEK of epoch \(epoch)",
            hint:
                "find out whose it is: of a newer key store (\(.restoreKeys)), or another copy "
                + "of "
                + "this ledger; otherwise move it away"
        )
    }

    private func destroyed(_ epoch: UInt64) -> VaultError {
        VaultError(.epochDestroyed, "the KEK of epoch \(epoch) was destroyed")
    }

    private func file(_ epoch: UInt64) -> String { stem(epoch) + ".kek" }

    private func proof(_ epoch: UInt64) -> String { stem(epoch) + ".made" }

    private func tombstone(_ epoch: UInt64) -> String { stem(epoch) + ".destroyed" }

    private func file(ofNote note: String) -> String { "\(ledger.hex)-\(note)" }

    private func stem(_ epoch: UInt64) -> String {
        EpochFile.name(ledger: ledger, epoch: epoch)
    }
}
