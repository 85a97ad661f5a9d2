// HMAC-SHA-256 through OpenSSL's EVP_MAC: blind tags and ids of events.

internal import COpenSSL

private struct Algorithm: @unchecked Sendable {
    // Safe to share: a fetched EVP_MAC is immutable and never freed.
    let mac = EVP_MAC_fetch(nil, "HMAC", nil)
}

private let hmac = Algorithm()

/// HMAC-SHA-256 (RFC 2104) under one key, usable from any thread.
package final class HMACKey: Sendable {
    private let original: KeyedContext
    private let pool = ContextPool { EVP_MAC_CTX_free($0) }

    /// Prepares the key once, so that each computation costs only its message.
    package init(_ key: borrowing SecretBytes) throws(CryptoError) {
        guard let keyed = Self.prepare(key) else { throw CryptoError(.library) }
        original = KeyedContext(keyed)
    }

    private static func prepare(_ key: borrowing SecretBytes) -> OpaquePointer? {
        guard let context = EVP_MAC_CTX_new(hmac.mac) else { return nil }
        let status = key.withBytes { bytes in
            let raw = bytes.assumingMemoryBound(to: UInt8.self).baseAddress
            return tally_hmac_begin(context, raw, bytes.count)
        }
        guard status == 1 else {
            EVP_MAC_CTX_free(context)
            return nil
        }
        return context
    }

    /// Authenticates one message.
    package func authenticate(_ message: [UInt8]) -> Digest {
        guard let context = pool.borrow(orMake: { EVP_MAC_CTX_dup(original.context) })
        else { preconditionFailure("out of memory") }
        defer { pool.giveBack(context) }
        var length = 0
        // Without a key it starts over under the one it has.
        let begun = EVP_MAC_init(context, nil, 0, nil)
        precondition(begun == 1, "OpenSSL cannot use an HMAC key again")
        _ = EVP_MAC_update(context, message, message.count)
        return Digest { _ = EVP_MAC_final(context, $0, &length, Digest.byteCount) }
    }
}

/// The context that all others of a key are copied from.
private final class KeyedContext: @unchecked Sendable {
    // @unchecked: it is only ever read, to be copied.
    let context: OpaquePointer

    init(_ context: OpaquePointer) {
        self.context = context
    }

    deinit { EVP_MAC_CTX_free(context) }
}
