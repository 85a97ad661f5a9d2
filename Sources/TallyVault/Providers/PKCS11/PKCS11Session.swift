// What is done in one session of a token: objects found and made by name, keys sealed and opened.

internal import CPKCS11
internal import Glibc
internal import TallyCrypto

/// A session that is signed in; it is used on the thread that opened it.
struct PKCS11Session {
    /// How many objects of one name are looked at; more than one is there after a race only.
    private static let room = 16

    let token: PKCS11Token
    let module: OpaquePointer?
    let handle: UInt

    func close() { tally_p11_close(module, handle) }

    /// The objects of a kind and name, 16 at most.
    func find(_ kind: tally_p11_kind, _ name: String) throws(VaultError) -> [UInt] {
        var objects = [UInt](repeating: 0, count: Self.room)
        var count: UInt = 0
        try token.check(
            tally_p11_find(module, handle, kind, name, &objects, UInt(Self.room), &count),
            "look for \(name)"
        )
        return Array(objects.prefix(Int(count)))
    }

    func create(_ kind: tally_p11_kind, _ name: String) throws(VaultError) {
        try token.check(tally_p11_create(module, handle, kind, name), "make \(name)")
    }

    /// Destroys an object; one that another process destroyed meanwhile is fine.
    func destroy(_ object: UInt) throws(VaultError) {
        let invalidHandle: tally_p11_status = 0x82
        let status = tally_p11_destroy(module, handle, object)
        if status != invalidHandle { try token.check(status, "destroy a key") }
    }

    /// Seals a key: nonce, ciphertext, tag.
    func seal(
        _ key: SecretKey,
        under kek: UInt,
        context: [UInt8]
    ) throws(VaultError) -> [UInt8] {
        let nonce = SecureRandom.bytes(AESGCM.nonceByteCount)
        var sealed = [UInt8](repeating: 0, count: Self.sealedCount)
        let status = Self.withContext(nonce, context) { context in
            key.withBytes { bytes in
                tally_p11_seal(
                    module,
                    handle,
                    kek,
                    context,
                    bytes.bindMemory(to: UInt8.self).baseAddress,
                    &sealed
                )
            }
        }
        try token.check(status, "wrap a key")
        return nonce + sealed
    }

    /// Opens what ``seal(_:under:context:)`` gave; `nil` when it does not open.
    func open(
        _ blob: [UInt8],
        under kek: UInt,
        context: [UInt8]
    ) throws(VaultError) -> SecretKey? {
        guard blob.count == AESGCM.nonceByteCount + Self.sealedCount else { return nil }
        let nonce = Array(blob.prefix(AESGCM.nonceByteCount))
        let sealed = Array(blob.dropFirst(AESGCM.nonceByteCount))
        var plaintext = [UInt8](repeating: 0, count: SecretBytes.byteCount)
        let status = Self.withContext(nonce, context) { context in
            tally_p11_unseal(module, handle, kek, context, sealed, &plaintext)
        }
        guard !Self.unopened.contains(status) else { return nil }
        try token.check(status, "unwrap a key")
        do throws(CryptoError) {
            return try SecretKey(SecretBytes(consuming: &plaintext))
        } catch {
            throw VaultError(.provider, error.description)
        }
    }

    private static let sealedCount = SecretBytes.byteCount + 16

    /// What modules say of a tag that does not fit: that the data is invalid, or, as SoftHSM does,
    /// their general error.
    private static let unopened: Set<tally_p11_status> = [5, 0x40, 0x41, 0x42]

    private static func withContext(
        _ nonce: [UInt8],
        _ associated: [UInt8],
        _ body: (UnsafePointer<tally_p11_context>) -> tally_p11_status
    ) -> tally_p11_status {
        nonce.withUnsafeBufferPointer { nonce in
            associated.withUnsafeBufferPointer { associated in
                var context = tally_p11_context(
                    nonce: nonce.baseAddress,
                    associated: associated.baseAddress,
                    associated_length: associated.count
                )
                return body(&context)
            }
        }
    }
}
