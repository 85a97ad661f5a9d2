// Where key-encryption keys (KEKs) live: never in a database. Every provider passes the same
// conformance suite.

internal import TallyCore
package import TallyCrypto

/// The state of an epoch's KEK (names of NIST SP 800-57, part 1).
package enum KEKState: String, Sendable {
    /// The provider never had it.
    case absent
    /// It wraps and unwraps.
    case active
    /// It is gone and its name is never used again.
    case destroyed
}

/// What a provider says it did when it destroyed a KEK.
package struct DestructionReceipt: Sendable, Equatable {
    /// The provider's name.
    package let provider: String
    /// The epoch whose KEK was destroyed.
    package let epoch: UInt64
    /// When, µs since 1970.
    package let destroyedAt: UInt64
    /// What the destruction is worth on this provider's medium.
    package let assurance: String
}

/// A holder of KEKs, one an epoch.
///
/// A provider wraps a tenant's wrapping key (TWK) for a context, and gives it back for the same
/// context only.
package protocol KEKProvider: Sendable {
    /// The name that is stored with each epoch, e.g. `file`.
    var name: String { get }

    /// What ``destroy(epoch:)`` can honestly promise here.
    var destructionAssurance: String { get }

    /// Makes the KEK of an epoch; does nothing when this has made it already.
    ///
    /// - Throws: `epochDestroyed` when it was destroyed: names are never reused; `foreignKEK` when
    ///   another one is there, as far as the provider can tell.
    func create(epoch: UInt64) async throws(VaultError)

    /// Wraps a key, giving 1 to 1024 bytes.
    ///
    /// - Throws: `wrongKEK` when the epoch has no KEK here, `epochDestroyed` when it is gone.
    func wrap(
        _ key: SecretKey,
        epoch: UInt64,
        context: [UInt8]
    ) async throws(VaultError)
        -> [UInt8]

    /// Unwraps what ``wrap(_:epoch:context:)`` gave for the same epoch and context.
    ///
    /// - Throws: `wrongKEK` when it does not open, `epochDestroyed` when the KEK is gone.
    func unwrap(
        _ blob: [UInt8],
        epoch: UInt64,
        context: [UInt8]
    ) async throws(VaultError)
        -> SecretKey

    /// Wraps keys, each for its context; the result has their order.
    ///
    /// One call for many is fewer round trips where the KEKs are on a server.
    /// - Throws: as ``wrap(_:epoch:context:)`` does; then none is wrapped.
    func wrap(
        _ keys: [(key: SecretKey, context: [UInt8])],
        epoch: UInt64
    ) async throws(VaultError)
        -> [[UInt8]]

    /// Unwraps blobs, each for its context; the result has their order.
    ///
    /// - Throws: as ``unwrap(_:epoch:context:)`` does, when any of them does not open.
    func unwrap(
        _ blobs: [(blob: [UInt8], context: [UInt8])],
        epoch: UInt64
    ) async throws(VaultError)
        -> [SecretKey]

    /// Destroys the KEK of an epoch for good (NIST SP 800-88, cryptographic erase).
    func destroy(epoch: UInt64) async throws(VaultError) -> DestructionReceipt

    /// The state of an epoch's KEK.
    func state(epoch: UInt64) async throws(VaultError) -> KEKState

    /// Whether a KEK of an epoch is there, even if it was destroyed: then somebody brought it back,
    /// or its destruction did not end.
    func holds(epoch: UInt64) async throws(VaultError) -> Bool

    /// Whether a note about this ledger was left.
    func hasNote(_ note: String) async throws(VaultError) -> Bool

    /// Leaves a note about this ledger, for good; harmless when it is there.
    ///
    /// - Parameter note: 1 to 64 lower-case letters, digits and `-`.
    /// - Throws: `provider` or `unavailable`; it can be left again then.
    func leaveNote(_ note: String) async throws(VaultError)
}

extension KEKProvider {
    package func wrap(
        _ keys: [(key: SecretKey, context: [UInt8])],
        epoch: UInt64
    ) async throws(VaultError) -> [[UInt8]] {
        var blobs: [[UInt8]] = []
        for (key, context) in keys {
            blobs.append(try await wrap(key, epoch: epoch, context: context))
        }
        return blobs
    }

    package func unwrap(
        _ blobs: [(blob: [UInt8], context: [UInt8])],
        epoch: UInt64
    ) async throws(VaultError) -> [SecretKey] {
        var keys: [SecretKey] = []
        for (blob, context) in blobs {
            keys.append(try await unwrap(blob, epoch: epoch, context: context))
        }
        return keys
    }
}

/// The blob of the providers that seal with AES-256-GCM themselves: nonce, ciphertext, tag.
enum SealedBlob {
    static func wrap(
        _ key: SecretKey,
        under kek: borrowing SecretBytes,
        context: [UInt8]
    ) throws(VaultError) -> [UInt8] {
        let nonce = SecureRandom.bytes(AESGCM.nonceByteCount)
        do throws(CryptoError) {
            var plaintext = key.withBytes { [UInt8]($0) }
            let sealed = try AESGCM.seal(plaintext, key: kek, nonce: nonce, associated: context)
            _ = try SecretBytes(consuming: &plaintext)
            return nonce + sealed
        } catch {
            throw VaultError(.provider, error.description)
        }
    }

    static func unwrap(
        _ blob: [UInt8],
        under kek: borrowing SecretBytes,
        context: [UInt8]
    ) throws(VaultError) -> SecretKey {
        do throws(CryptoError) {
            guard blob.count == AESGCM.nonceByteCount + 48 else {
                throw CryptoError(.authenticationFailed)
            }
            var plaintext = try AESGCM.open(
                blob[12...],
                key: kek,
                nonce: blob[..<12],
                associated: context
            )
            return try SecretKey(SecretBytes(consuming: &plaintext))
        } catch {
            throw VaultError(
                .wrongKEK,
                "the KEK does not open this key: it is of another ledger or epoch"
            )
        }
    }
}
