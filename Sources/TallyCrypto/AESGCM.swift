// AES-256-GCM through OpenSSL's EVP: the one cipher of format version 1 (suite 1).

internal import COpenSSL

private struct Algorithm: @unchecked Sendable {
    // Safe to share: a fetched EVP_CIPHER is immutable and never freed.
    let cipher = EVP_CIPHER_fetch(nil, "AES-256-GCM", nil)
}

private let aes256GCM = Algorithm()

/// AES-256-GCM (NIST SP 800-38D) with a 96-bit nonce and a 128-bit tag.
package enum AESGCM {
    /// The bytes of a nonce.
    package static let nonceByteCount = 12
    /// The bytes of a tag, which follows the ciphertext.
    package static let tagByteCount = 16

    /// Contexts that are set up for one key; whoever seals often keeps them beside it.
    package final class Contexts: Sendable {
        fileprivate let sealing = ContextPool { EVP_CIPHER_CTX_free($0) }
        fileprivate let opening = ContextPool { EVP_CIPHER_CTX_free($0) }

        /// Begins without any.
        package init() {}
    }

    /// Encrypts and authenticates.
    ///
    /// - Parameters:
    ///   - plaintext: up to 2^31 - 17 bytes.
    ///   - key: the key, which must not seal more than 2^32 times.
    ///   - nonce: 12 bytes, never used before with this key.
    ///   - associated: what the ciphertext is bound to.
    ///   - contexts: those of this key and no other.
    /// - Returns: the ciphertext followed by its 16-byte tag.
    /// - Throws: `CryptoError.library` when OpenSSL refuses.
    package static func seal(
        _ plaintext: [UInt8],
        key: borrowing SecretBytes,
        nonce: [UInt8],
        associated: [UInt8],
        reusing contexts: Contexts = Contexts()
    ) throws(CryptoError) -> [UInt8] {
        precondition(nonce.count == nonceByteCount)
        let context = try begin(contexts.sealing, key: key, nonce: nonce, encrypting: true)
        defer { contexts.sealing.giveBack(context) }
        var length: Int32 = 0
        let count = plaintext.count
        var ok = EVP_EncryptUpdate(context, nil, &length, associated, Int32(associated.count)) == 1
        let sealed = [UInt8](unsafeUninitializedCapacity: count + tagByteCount) { out, size in
            guard let base = out.baseAddress else { return }
            ok = ok && EVP_EncryptUpdate(context, base, &length, plaintext, Int32(count)) == 1
            ok = ok && EVP_EncryptFinal_ex(context, base + count, &length) == 1
            ok = ok && tally_gcm_get_tag(context, Int32(tagByteCount), base + count) == 1
            size = count + tagByteCount
        }
        guard ok else { throw CryptoError(.library) }
        return sealed
    }

    /// Checks and decrypts what ``seal(_:key:nonce:associated:)`` made.
    ///
    /// - Throws: `CryptoError.authenticationFailed` when key, nonce, associated data or
    ///   ciphertext is not what was sealed; nothing of the plaintext is given then.
    package static func open(
        _ sealed: ArraySlice<UInt8>,
        key: borrowing SecretBytes,
        nonce: ArraySlice<UInt8>,
        associated: [UInt8],
        reusing contexts: Contexts = Contexts()
    ) throws(CryptoError) -> [UInt8] {
        precondition(nonce.count == nonceByteCount)
        let count = sealed.count - tagByteCount
        guard count >= 0 else { throw CryptoError(.truncated) }
        let context = try nonce.withUnsafeBufferPointer { nonce throws(CryptoError) in
            try begin(contexts.opening, key: key, nonce: nonce.baseAddress, encrypting: false)
        }
        defer { contexts.opening.giveBack(context) }
        var length: Int32 = 0
        var ok = EVP_DecryptUpdate(context, nil, &length, associated, Int32(associated.count)) == 1
        // One spare byte, so that an empty plaintext has an address too.
        let plaintext = [UInt8](unsafeUninitializedCapacity: count + 1) { out, size in
            guard let base = out.baseAddress else { return }
            sealed.withUnsafeBufferPointer { sealed in
                guard let start = sealed.baseAddress else { return }
                ok = ok && EVP_DecryptUpdate(context, base, &length, start, Int32(count)) == 1
                // OpenSSL only reads the tag, though its interface does not say so.
                let tag = UnsafeMutableRawPointer(mutating: start + count)
                ok = ok && tally_gcm_set_tag(context, Int32(tagByteCount), tag) == 1
                ok = ok && EVP_DecryptFinal_ex(context, base + count, &length) == 1
            }
            if !ok { OPENSSL_cleanse(base, count) }
            size = ok ? count : 0
        }
        guard ok else { throw CryptoError(.authenticationFailed) }
        return plaintext
    }

    /// A context with its key and a new nonce; the nonce alone is new in one that was used.
    private static func begin(
        _ pool: ContextPool,
        key: borrowing SecretBytes,
        nonce: UnsafePointer<UInt8>?,
        encrypting: Bool
    ) throws(CryptoError) -> OpaquePointer {
        let context = try pool.borrow { () throws(CryptoError) in
            try make(key: key, encrypting: encrypting)
        }
        guard let context else { throw CryptoError(.library) }
        guard EVP_CipherInit_ex2(context, nil, nil, nonce, encrypting ? 1 : 0, nil) == 1 else {
            EVP_CIPHER_CTX_free(context)
            throw CryptoError(.library)
        }
        return context
    }

    private static func make(
        key: borrowing SecretBytes,
        encrypting: Bool
    ) throws(CryptoError) -> OpaquePointer? {
        guard let context = EVP_CIPHER_CTX_new() else { return nil }
        let status = key.withBytes { bytes in
            let raw = bytes.assumingMemoryBound(to: UInt8.self).baseAddress
            return EVP_CipherInit_ex2(
                context,
                aes256GCM.cipher,
                raw,
                nil,
                encrypting ? 1 : 0,
                nil
            )
        }
        guard status == 1 else {
            EVP_CIPHER_CTX_free(context)
            throw CryptoError(.library)
        }
        return context
    }
}
