// HMAC-SHA-256 through OpenSSL's EVP_MAC: blind tags and request digests.

internal import COpenSSL

private struct Algorithm: @unchecked Sendable {
    // Safe to share: a fetched EVP_MAC is immutable and never freed.
    let mac = EVP_MAC_fetch(nil, "HMAC", nil)
}

private let hmac = Algorithm()

/// HMAC-SHA-256 (RFC 2104) under one key, usable from any thread.
package final class HMACKey: @unchecked Sendable {
    // @unchecked: the context is keyed once in init; each computation works on its own copy.
    private let keyed: OpaquePointer

    /// Prepares the key once, so that each computation costs only its message.
    package init(_ key: borrowing SecretBytes) throws(CryptoError) {
        guard let context = EVP_MAC_CTX_new(hmac.mac) else { throw CryptoError(.library) }
        keyed = context
        let status = key.withBytes { bytes in
            var name = [CChar]("SHA2-256".utf8CString)
            return name.withUnsafeMutableBufferPointer { name in
                var parameters = [
                    OSSL_PARAM_construct_utf8_string(
                        OSSL_MAC_PARAM_DIGEST,
                        name.baseAddress,
                        0
                    ),
                    OSSL_PARAM_construct_end(),
                ]
                let raw = bytes.assumingMemoryBound(to: UInt8.self).baseAddress
                return EVP_MAC_init(context, raw, bytes.count, &parameters)
            }
        }
        guard status == 1 else { throw CryptoError(.library) }
    }

    deinit { EVP_MAC_CTX_free(keyed) }

    /// Authenticates one message.
    package func authenticate(_ message: [UInt8]) -> Digest {
        guard let context = EVP_MAC_CTX_dup(keyed) else { preconditionFailure("out of memory") }
        defer { EVP_MAC_CTX_free(context) }
        var length = 0
        _ = EVP_MAC_update(context, message, message.count)
        return Digest { _ = EVP_MAC_final(context, $0, &length, Digest.byteCount) }
    }
}
