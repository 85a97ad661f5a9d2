// Ed25519 (RFC 8032) through OpenSSL's EVP: what operators sign approvals with.

internal import COpenSSL

/// Sizes of Ed25519 (RFC 8032, section 5.1).
package enum Ed25519 {
    /// The bytes of a public key.
    package static let publicKeyByteCount = 32
    /// The bytes of a signature.
    package static let signatureByteCount = 64
}

/// A key that checks signatures.
package struct Ed25519PublicKey: Hashable, Sendable {
    /// The key's 32 bytes.
    package let bytes: [UInt8]

    /// Takes exactly 32 bytes; `nil` for any other count.
    package init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Ed25519.publicKeyByteCount else { return nil }
        self.bytes = Array(bytes)
    }

    /// Reads a key from a PEM text, as `openssl pkey -pubout` writes it.
    ///
    /// - Throws: `CryptoError.keyFile` for anything but an Ed25519 public key.
    package init(pem: [UInt8]) throws(CryptoError) {
        let key = try PEMKey(pem, read: tally_read_public_key)
        bytes = try key.raw { EVP_PKEY_get_raw_public_key($0, $1, $2) }
    }

    /// Whether `signature` is this key's over `message`.
    ///
    /// - Complexity: about 0.1 ms.
    package func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        guard signature.count == Ed25519.signatureByteCount,
            let key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, bytes, bytes.count)
        else { return false }
        defer { EVP_PKEY_free(key) }
        guard let context = EVP_MD_CTX_new() else { return false }
        defer { EVP_MD_CTX_free(context) }
        return EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1
            && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }
}

/// A key that signs; it is never printed, and OpenSSL zeroes it at its end.
package final class Ed25519PrivateKey: Sendable {
    private let key: PEMKey

    /// Reads a key from a PEM text, as `openssl genpkey -algorithm ed25519` writes it.
    ///
    /// - Throws: `CryptoError.keyFile` for anything but an unencrypted Ed25519 private key.
    package init(pem: [UInt8]) throws(CryptoError) {
        key = try PEMKey(pem, read: tally_read_private_key)
    }

    /// Draws a new key.
    package init() throws(CryptoError) {
        key = try PEMKey(random: ())
    }

    /// The key that checks what this one signs.
    package var publicKey: Ed25519PublicKey {
        get throws(CryptoError) {
            let bytes = try key.raw { EVP_PKEY_get_raw_public_key($0, $1, $2) }
            guard let key = Ed25519PublicKey(bytes) else { throw CryptoError(.library) }
            return key
        }
    }

    /// Signs a message; the result has 64 bytes.
    package func sign(_ message: [UInt8]) throws(CryptoError) -> [UInt8] {
        guard let context = EVP_MD_CTX_new() else { throw CryptoError(.library) }
        defer { EVP_MD_CTX_free(context) }
        var signature = [UInt8](repeating: 0, count: Ed25519.signatureByteCount)
        var count = signature.count
        guard EVP_DigestSignInit(context, nil, nil, nil, key.pointer) == 1,
            EVP_DigestSign(context, &signature, &count, message, message.count) == 1,
            count == signature.count
        else { throw CryptoError(.library) }
        return signature
    }
}

/// OpenSSL's handle of a key.
private final class PEMKey: @unchecked Sendable {
    // @unchecked: the handle is set once, and OpenSSL's own count of references is atomic.
    let pointer: OpaquePointer

    /// Reads a PEM text with a function that keeps no pointer to it.
    init(
        _ pem: [UInt8],
        read: (UnsafePointer<UInt8>?, Int32) -> OpaquePointer?
    ) throws(CryptoError) {
        guard let length = Int32(exactly: pem.count), let key = read(pem, length) else {
            ERR_clear_error()
            throw CryptoError(.keyFile)
        }
        pointer = key
        guard EVP_PKEY_get_id(key) == EVP_PKEY_ED25519 else { throw CryptoError(.keyFile) }
    }

    init(random: Void) throws(CryptoError) {
        let context = EVP_PKEY_CTX_new_id(EVP_PKEY_ED25519, nil)
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_keygen(context, &key) == 1, let key
        else { throw CryptoError(.library) }
        pointer = key
    }

    deinit { EVP_PKEY_free(pointer) }

    func raw(
        _ read: (OpaquePointer, UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<Int>) -> Int32
    ) throws(CryptoError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Ed25519.publicKeyByteCount)
        var count = bytes.count
        guard read(pointer, &bytes, &count) == 1, count == bytes.count else {
            throw CryptoError(.library)
        }
        return bytes
    }
}
