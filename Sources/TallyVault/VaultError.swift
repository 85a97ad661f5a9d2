// The one error of key handling. It names ledgers, epochs and paths, never keys or subjects.

/// Why a key cannot be had.
package struct VaultError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of failure a caller can tell apart.
    package enum Code: String, Sendable {
        /// The key was destroyed, or its subject may have none: the content is gone for good.
        case erased
        /// The tenant has no keys here; this key store is not the ledger's.
        case noKeys
        /// The KEK that should open this key is missing or another one.
        case wrongKEK
        /// The KEK of this epoch was destroyed.
        case epochDestroyed
        /// A stored key does not open under its parent: it was altered or moved.
        case damagedKey
        /// The key store cannot be reached.
        case unavailable
        /// The key journal cannot be written, so no new key may be used.
        case journal
        /// The provider's place for KEKs cannot be read or written.
        case provider
    }

    /// What kind of failure this is; errors are equal when their codes are.
    package let code: Code
    /// What happened, in one line.
    package let message: String

    /// Makes an error.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The error in one line.
    package var description: String { message }

    /// Compares codes only.
    package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}
