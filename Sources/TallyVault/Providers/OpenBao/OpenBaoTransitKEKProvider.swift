// KEKs that never leave an OpenBao server: its transit engine wraps and unwraps, one transit key
// an epoch. Other transit keys, which nothing uses, mark epochs that were destroyed, and hold
// notes.

internal import Foundation
package import TallyCore
package import TallyCrypto

/// KEKs in the transit engine of OpenBao: `<ledger id>-<epoch, 20 digits>`.
///
/// The mark of a destroyed epoch, `destroyed-<that name>`, is made before its KEK is deleted and
/// stays. Whoever creates looks for it before and after; whoever wraps or unwraps, after.
package struct OpenBaoTransitKEKProvider: KEKProvider {
    private let client: OpenBaoClient
    private let ledger: LedgerID

    /// Names an engine; nothing is sent yet.
    ///
    /// - Parameters:
    ///   - address: as `https://host:8200`; `http` for this machine only.
    ///   - mount: the engine's path, with its namespace if it has one.
    ///   - tokenFile: a file with the token, read again for each request.
    ///   - ledger: whose KEKs these are.
    /// - Throws: `provider` when address or mount cannot be those of an engine.
    package init(
        address: String,
        mount: String,
        tokenFile: String,
        ledger: LedgerID
    ) throws(VaultError) {
        client = try OpenBaoClient(address: address, mount: mount, tokenFile: tokenFile)
        self.ledger = ledger
    }

    package var name: String { "openbao-transit" }

    package var destructionAssurance: String {
        "deleted from OpenBao's storage; backups and snapshots of that storage may still hold it"
    }

    package func create(epoch: UInt64) async throws(VaultError) {
        try await refuseDestroyed(epoch)
        try await makeKey(keyName(epoch))
        guard let key = try await find(keyName(epoch)) else {
            try await refuseDestroyed(epoch)
            throw client.unexpected("the KEK of epoch \(epoch) is gone though it was just made")
        }
        guard !key.exportable, !key.isBackupAllowed else {
            throw VaultError(
                .provider,
                "OpenBao's transit key \(keyName(epoch)) can be exported, so it is no KEK; remove "
                    + "it, or use another mount"
            )
        }
        guard try await !isDestroyed(epoch) else {
            try await remove(epoch)
            throw destroyed(epoch)
        }
    }

    package func wrap(
        _ key: SecretKey,
        epoch: UInt64,
        context: [UInt8]
    ) async throws(VaultError) -> [UInt8] {
        try await wrap([(key, context)], epoch: epoch)[0]
    }

    package func unwrap(
        _ blob: [UInt8],
        epoch: UInt64,
        context: [UInt8]
    ) async throws(VaultError) -> SecretKey {
        try await unwrap([(blob, context)], epoch: epoch)[0]
    }

    package func wrap(
        _ keys: [(key: SecretKey, context: [UInt8])],
        epoch: UInt64
    ) async throws(VaultError) -> [[UInt8]] {
        // Transit may create the key that an encryption names: so the name must exist.
        guard try await find(keyName(epoch)) != nil else { throw try await missing(epoch) }
        var blobs: [[UInt8]] = []
        for batch in Self.batches(keys) {
            let results = try await run("encrypt", TransitBatch.body(wrapping: batch), epoch)
            blobs += results.compactMap(\.blob)
        }
        try await refuseDestroyed(epoch)
        guard blobs.count == keys.count else {
            throw client.unexpected("the KEK of epoch \(epoch) did not wrap every key")
        }
        return blobs
    }

    package func unwrap(
        _ blobs: [(blob: [UInt8], context: [UInt8])],
        epoch: UInt64
    ) async throws(VaultError) -> [SecretKey] {
        let ciphertexts = blobs.compactMap { item in
            TransitBlob(item.blob).map { (blob: $0, context: item.context) }
        }
        var keys: [SecretKey] = []
        for batch in Self.batches(ciphertexts) {
            let results = try await run("decrypt", TransitBatch.body(unwrapping: batch), epoch)
            keys += results.compactMap(\.key)
        }
        try await refuseDestroyed(epoch)
        guard keys.count == blobs.count else {
            guard try await find(keyName(epoch)) != nil else { throw try await missing(epoch) }
            throw VaultError(
                .wrongKEK,
                "the KEK does not open this key: it is of another ledger or epoch"
            )
        }
        return keys
    }

    package func destroy(epoch: UInt64) async throws(VaultError) -> DestructionReceipt {
        try await makeKey(markName(epoch))
        guard try await isDestroyed(epoch) else {
            throw client.unexpected("epoch \(epoch) could not be marked as destroyed")
        }
        try await remove(epoch)
        return DestructionReceipt(
            provider: name,
            epoch: epoch,
            destroyedAt: Micros.now(),
            assurance: destructionAssurance
        )
    }

    package func state(epoch: UInt64) async throws(VaultError) -> KEKState {
        if try await isDestroyed(epoch) { return .destroyed }
        return try await find(keyName(epoch)) == nil ? .absent : .active
    }

    package func holds(epoch: UInt64) async throws(VaultError) -> Bool {
        try await find(keyName(epoch)) != nil
    }

    package func hasNote(_ note: String) async throws(VaultError) -> Bool {
        try await find(name(ofNote: note)) != nil
    }

    package func leaveNote(_ note: String) async throws(VaultError) {
        try await makeKey(name(ofNote: note))
    }

    /// Deletes the KEK until it is gone: whoever found no mark just before may create it again,
    /// once.
    private func remove(_ epoch: UInt64) async throws(VaultError) {
        let path = "keys/\(keyName(epoch))"
        for _ in 0..<VaultLimits.removalAttempts {
            guard try await client.send(.get, path).status != 404 else { return }
            // Both are refused with 400 when another destruction was faster.
            _ = try await client.send(
                .post,
                "\(path)/config",
                body: Data(#"{"deletion_allowed":true}"#.utf8)
            )
            _ = try await client.send(.delete, path)
        }
        throw client.unexpected("the KEK of epoch \(epoch) is marked as destroyed but not deleted")
    }

    private func makeKey(_ name: String) async throws(VaultError) {
        let body = Data(#"{"type":"\#(TransitKey.kind)"}"#.utf8)
        let answer = try await client.send(.post, "keys/\(name)", body: body)
        guard answer.status < 300 else {
            throw client.unexpected("the key \(name) was not made (status \(answer.status))")
        }
    }

    private func find(_ name: String) async throws(VaultError) -> TransitKey? {
        let answer = try await client.send(.get, "keys/\(name)")
        guard answer.status != 404 else { return nil }
        let key = try? JSONDecoder().decode(TransitAnswer<TransitKey>.self, from: answer.body).data
        guard let key, key.type == TransitKey.kind else {
            throw client.unexpected("\(name) is not a key of type \(TransitKey.kind)")
        }
        guard key.isSoftDeleted != true else {
            throw VaultError(
                .provider,
                "OpenBao's transit key \(name) was soft-deleted; restore it there"
            )
        }
        return key
    }

    /// Sends a batch; a result has no value where its item was refused.
    private func run(
        _ operation: String,
        _ body: Data,
        _ epoch: UInt64
    ) async throws(VaultError) -> [TransitResult] {
        let path = "\(operation)/\(keyName(epoch))"
        var answer = try await client.send(.post, path, body: body)
        defer { TransitBatch.erase(&answer.body) }
        if let results = TransitBatch.results(answer) { return results }
        guard try await find(keyName(epoch)) != nil else { throw try await missing(epoch) }
        try await refuseDestroyed(epoch)
        throw client.unexpected("\(path) was refused as a whole (status \(answer.status))")
    }

    private func isDestroyed(_ epoch: UInt64) async throws(VaultError) -> Bool {
        try await find(markName(epoch)) != nil
    }

    private func refuseDestroyed(_ epoch: UInt64) async throws(VaultError) {
        if try await isDestroyed(epoch) { throw destroyed(epoch) }
    }

    private func missing(_ epoch: UInt64) async throws(VaultError) -> VaultError {
        guard try await !isDestroyed(epoch) else { return destroyed(epoch) }
        return VaultError(.wrongKEK, "OpenBao has no KEK of epoch \(epoch) for this ledger")
    }

    private func destroyed(_ epoch: UInt64) -> VaultError {
        VaultError(.epochDestroyed, "the KEK of epoch \(epoch) was destroyed")
    }

    private func keyName(_ epoch: UInt64) -> String {
        EpochFile.name(ledger: ledger, epoch: epoch)
    }

    private func name(ofNote note: String) -> String { "\(note)-\(ledger.hex)" }

    private func markName(_ epoch: UInt64) -> String { "destroyed-\(keyName(epoch))" }

    private static func batches<Item>(_ items: [Item]) -> [ArraySlice<Item>] {
        stride(from: 0, to: items.count, by: VaultLimits.providerBatch).map { start in
            items[start..<min(start + VaultLimits.providerBatch, items.count)]
        }
    }
}
