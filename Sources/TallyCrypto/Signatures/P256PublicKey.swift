// ECDSA on P-256 with SHA-256 (FIPS 186-5) through OpenSSL's EVP: what passkeys sign with.

internal import COpenSSL

/// A key of P-256 that checks signatures.
package struct P256PublicKey: Hashable, Sendable {
    /// The bytes of an uncompressed point (SEC 1, section 2.3.3): 0x04, x and y.
    package static let byteCount = 65

    /// The point's 65 bytes.
    package let bytes: [UInt8]

    /// Takes an uncompressed point; `nil` for other bytes.
    ///
    /// Whether it is on the curve, ``isPoint`` tells.
    package init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount, bytes.first == 0x04 else { return nil }
        self.bytes = Array(bytes)
    }

    /// Reads a key from a PEM text.
    ///
    /// - Throws: `CryptoError.keyFile` for anything but a public key of P-256.
    package init(pem: [UInt8]) throws(CryptoError) {
        guard let length = Int32(exactly: pem.count),
            let key = tally_read_public_key(pem, length)
        else {
            ERR_clear_error()
            throw CryptoError(.keyFile)
        }
        defer { EVP_PKEY_free(key) }
        var point = [UInt8](repeating: 0, count: Self.byteCount)
        guard tally_p256_point(key, &point) == 1 else {
            ERR_clear_error()
            throw CryptoError(.keyFile)
        }
        bytes = point
    }

    /// Whether it is a point of the curve, which has none of small order.
    ///
    /// - Complexity: about 0.05 ms.
    package var isPoint: Bool {
        guard let key = tally_p256_key(bytes, bytes.count) else {
            ERR_clear_error()
            return false
        }
        EVP_PKEY_free(key)
        return true
    }

    /// Whether `signature`, in strict DER, is this key's over `message`.
    ///
    /// - Complexity: about 0.1 ms.
    package func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        guard ECDSASignature.isStrict(signature), let key = tally_p256_key(bytes, bytes.count)
        else { return false }
        defer { EVP_PKEY_free(key) }
        guard let context = EVP_MD_CTX_new() else { return false }
        defer { EVP_MD_CTX_free(context) }
        return EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, key) == 1
            && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }
}
