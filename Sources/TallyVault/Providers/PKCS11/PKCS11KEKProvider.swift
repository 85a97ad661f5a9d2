// KEKs that never leave a hardware security module: it wraps and unwraps, one AES-256 key object
// an epoch. A data object of the same name marks each epoch that was destroyed.

internal import CPKCS11
package import TallyCore
package import TallyCrypto

/// KEKs in a token of a PKCS#11 module, labelled `<ledger id>-<epoch, 20 digits>`.
///
/// PKCS#11 does not keep labels unique: two processes that create an epoch at the same instant
/// may leave two KEKs. Any of them wraps, all are tried to unwrap, and all are destroyed.
package struct PKCS11KEKProvider: KEKProvider {
    private let token: PKCS11Token
    private let ledger: LedgerID

    /// Names a token; the module is not loaded yet.
    ///
    /// - Parameters:
    ///   - tokenLabel: the token's label, 1 to 32 bytes.
    ///   - modulePath: the vendor's library; it is loaded into this process.
    ///   - pinFile: a file with the PIN of the token's user, read again for each use.
    ///   - ledger: whose KEKs these are.
    /// - Throws: `provider` for a label that no token can have.
    package init(
        tokenLabel: String,
        modulePath: String,
        pinFile: String,
        ledger: LedgerID
    ) throws(VaultError) {
        token = try PKCS11Token(label: tokenLabel, modulePath: modulePath, pinFile: pinFile)
        self.ledger = ledger
    }

    package var name: String { "pkcs11" }

    package var destructionAssurance: String {
        "destroyed by the token (C_DestroyObject); backups of the token may still hold it"
    }

    package func create(epoch: UInt64) async throws(VaultError) {
        let name = name(epoch)
        try await token.run { (session) throws(VaultError) in
            try Self.refuseDestroyed(epoch, name, session)
            if try session.find(TALLY_P11_KEK, name).isEmpty {
                try session.create(TALLY_P11_KEK, name)
            }
            // Another process may have destroyed the epoch meanwhile.
            guard try session.find(TALLY_P11_MARK, name).isEmpty else {
                try Self.remove(epoch, name, session)
                throw Self.destroyed(epoch)
            }
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
        try await use(epoch) { (session, keks) throws(VaultError) in
            var blobs: [[UInt8]] = []
            for (key, context) in keys {
                blobs.append(try session.seal(key, under: keks[0], context: context))
            }
            return blobs
        }
    }

    package func unwrap(
        _ blobs: [(blob: [UInt8], context: [UInt8])],
        epoch: UInt64
    ) async throws(VaultError) -> [SecretKey] {
        let keys = try await use(epoch) { (session, keks) throws(VaultError) in
            var keys: [SecretKey] = []
            for (blob, context) in blobs {
                for kek in keks {
                    guard let key = try session.open(blob, under: kek, context: context) else {
                        continue
                    }
                    keys.append(key)
                    break
                }
            }
            return keys
        }
        guard keys.count == blobs.count else {
            throw VaultError(
                .wrongKEK,
                "the KEK does not open this key: it is of another ledger or epoch"
            )
        }
        return keys
    }

    package func destroy(epoch: UInt64) async throws(VaultError) -> DestructionReceipt {
        let label = name(epoch)
        try await token.run { (session) throws(VaultError) in
            if try session.find(TALLY_P11_MARK, label).isEmpty {
                try session.create(TALLY_P11_MARK, label)
            }
            try Self.remove(epoch, label, session)
        }
        return DestructionReceipt(
            provider: name,
            epoch: epoch,
            destroyedAt: Micros.now(),
            assurance: destructionAssurance
        )
    }

    package func state(epoch: UInt64) async throws(VaultError) -> KEKState {
        let name = name(epoch)
        return try await token.run { (session) throws(VaultError) in
            guard try session.find(TALLY_P11_MARK, name).isEmpty else { return .destroyed }
            return try session.find(TALLY_P11_KEK, name).isEmpty ? .absent : .active
        }
    }

    package func holds(epoch: UInt64) async throws(VaultError) -> Bool {
        let name = name(epoch)
        return try await token.run { (session) throws(VaultError) in
            try !session.find(TALLY_P11_KEK, name).isEmpty
        }
    }

    package func hasNote(_ note: String) async throws(VaultError) -> Bool {
        let label = "\(ledger.hex)-\(note)"
        return try await token.run { (session) throws(VaultError) in
            try !session.find(TALLY_P11_MARK, label).isEmpty
        }
    }

    package func leaveNote(_ note: String) async throws(VaultError) {
        let label = "\(ledger.hex)-\(note)"
        try await token.run { (session) throws(VaultError) in
            guard try session.find(TALLY_P11_MARK, label).isEmpty else { return }
            try session.create(TALLY_P11_MARK, label)
        }
    }

    /// Gives `body` the KEKs of an epoch, at least one, and its result if they are not destroyed.
    private func use<Value: Sendable>(
        _ epoch: UInt64,
        _ body: @escaping @Sendable (PKCS11Session, [UInt]) throws(VaultError) -> Value
    ) async throws(VaultError) -> Value {
        let name = name(epoch)
        return try await token.run { (session) throws(VaultError) in
            let keks = try session.find(TALLY_P11_KEK, name)
            guard !keks.isEmpty else {
                try Self.refuseDestroyed(epoch, name, session)
                throw VaultError(.wrongKEK, "the token has no KEK of epoch \(epoch)")
            }
            let value = try body(session, keks)
            try Self.refuseDestroyed(epoch, name, session)
            return value
        }
    }

    private static func remove(
        _ epoch: UInt64,
        _ name: String,
        _ session: PKCS11Session
    ) throws(VaultError) {
        for _ in 0..<VaultLimits.removalAttempts {
            let keks = try session.find(TALLY_P11_KEK, name)
            guard !keks.isEmpty else { return }
            for kek in keks { try session.destroy(kek) }
        }
        throw VaultError(
            .provider,
            "the KEK of epoch \(epoch) is marked as destroyed but still in the token; destroy it "
                + "again"
        )
    }

    private static func refuseDestroyed(
        _ epoch: UInt64,
        _ name: String,
        _ session: PKCS11Session
    ) throws(VaultError) {
        guard try session.find(TALLY_P11_MARK, name).isEmpty else { throw destroyed(epoch) }
    }

    private static func destroyed(_ epoch: UInt64) -> VaultError {
        VaultError(.epochDestroyed, "the KEK of epoch \(epoch) was destroyed")
    }

    private func name(_ epoch: UInt64) -> String {
        EpochFile.name(ledger: ledger, epoch: epoch)
    }
}
