// The one error of key handling. It names ledgers, epochs and paths, never keys or subjects.

package import TallyCore

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
        /// The KEK of this epoch was destroyed, and something still needs it: the key store is an
        /// older copy, and is brought up to date by a restore.
        case epochDestroyed
        /// A KEK is there that this ledger did not make.
        case foreignKEK
        /// Key store, journals and KEKs do not fit together; nothing was changed.
        case outOfStep
        /// The KEKs belong to another copy of the ledger.
        case notOwner
        /// A stored key does not open under its parent: it was altered or moved.
        case damagedKey
        /// The key store cannot be reached.
        case unavailable
        /// The key store refuses this login, or is a standby and cannot write.
        case rejected
        /// The key journal cannot be written, so no new key may be used.
        case journal
        /// The provider's place for KEKs cannot be read or written.
        case provider
    }

    /// What kind of failure this is; errors are equal when their codes are.
    package let code: Code
    /// What happened, in one line.
    package let message: String
    /// What to do about it, where that depends on more than the code.
    package let hint: Remedy?

    /// Makes an error.
    package init(_ code: Code, _ message: String, hint: Remedy? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    /// The error in one line.
    package var description: String { message }

    /// Compares codes only.
    package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}
