// A named key: 32 secret bytes and the id that commits to them.

/// The public name of a key, derived from it (HKDF), so that no other key can answer to it.
package typealias KeyID = Digest

/// A 256-bit key with its id and its sealing operations.
///
/// AES-GCM does not commit to its key; the id does. A reader compares ids before it opens.
package final class SecretKey: Sendable {
    /// The id that commits to the key.
    package let id: KeyID
    private let secret: SecretBytes
    private let contexts = AESGCM.Contexts()

    /// Names and keeps a key.
    package init(_ secret: consuming SecretBytes) throws(CryptoError) {
        id = try HKDF.derive(from: secret, info: "tallystick key id v1")
        self.secret = secret
    }

    /// Draws a new random key.
    package static func random() throws(CryptoError) -> SecretKey {
        try SecretKey(SecretBytes.random())
    }

    /// Seals with a nonce of the caller's; ``AESGCM/seal(_:key:nonce:associated:)``.
    package func seal(
        _ plaintext: [UInt8],
        nonce: [UInt8],
        associated: [UInt8]
    ) throws(CryptoError) -> [UInt8] {
        try AESGCM.seal(
            plaintext,
            key: secret,
            nonce: nonce,
            associated: associated,
            reusing: contexts
        )
    }

    /// Opens what was sealed under this key.
    package func open(
        _ sealed: ArraySlice<UInt8>,
        nonce: ArraySlice<UInt8>,
        associated: [UInt8]
    ) throws(CryptoError) -> [UInt8] {
        try AESGCM.open(
            sealed,
            key: secret,
            nonce: nonce,
            associated: associated,
            reusing: contexts
        )
    }

    /// The HMAC key made of the same bytes, for index keys.
    package func makeHMACKey() throws(CryptoError) -> HMACKey {
        try HMACKey(secret)
    }

    /// Gives `body` the secret bytes, to be wrapped under another key.
    package func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try secret.withBytes(body)
    }
}
