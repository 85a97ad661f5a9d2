// The one error of this module. It never carries key, nonce or plaintext bytes.

/// Why a cryptographic operation did not give its result.
package struct CryptoError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of failure a caller can tell apart.
    package enum Code: String, Sendable {
        /// The ciphertext, its associated data or its key is not the one that was sealed with.
        case authenticationFailed
        /// The ciphertext is shorter than its tag.
        case truncated
        /// A key that is not 32 bytes long.
        case keyLength
        /// A text that is not an Ed25519 key in PEM form.
        case keyFile
        /// OpenSSL refused; its library or its configuration is damaged.
        case library
    }

    /// What kind of failure this is; errors are equal when their codes are.
    package let code: Code

    /// Makes an error of one kind.
    package init(_ code: Code) {
        self.code = code
    }

    /// The failure in one sentence, without any of the bytes involved.
    package var description: String {
        switch code {
        case .authenticationFailed: "the ciphertext does not belong to this key and place"
        case .truncated: "the ciphertext is shorter than its tag"
        case .keyLength: "a key must be 32 bytes long"
        case .keyFile: "the file does not hold an unencrypted Ed25519 key in PEM form"
        case .library: "OpenSSL refused the operation; check that libcrypto 3 is intact"
        }
    }
}
