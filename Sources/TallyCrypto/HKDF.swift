// HKDF-SHA-256 with an empty salt: a key's public name is derived from the key itself.

/// HKDF (RFC 5869) for outputs of one hash length.
package enum HKDF {
    /// Derives 32 bytes from a key for one purpose.
    ///
    /// - Parameters:
    ///   - key: the secret.
    ///   - info: the label that separates this purpose from every other.
    /// - Returns: 32 bytes.
    /// - Throws: `CryptoError.library` when OpenSSL refuses.
    package static func derive(
        from key: borrowing SecretBytes,
        info: String
    ) throws(CryptoError) -> Digest {
        var salt = [UInt8](repeating: 0, count: SecretBytes.byteCount)
        let extractor = try HMACKey(SecretBytes(consuming: &salt))
        var pseudorandom = key.withBytes { extractor.authenticate([UInt8]($0)) }.bytes
        let expander = try HMACKey(SecretBytes(consuming: &pseudorandom))
        return expander.authenticate(Array(info.utf8) + [1])
    }
}
