// What a failure of the keys means to the caller.

package import TallyCore
package import TallyVault

extension VaultError: ProblemConvertible {
    package var problem: Problem { Problem(self) }
}

extension Problem {
    /// What a failure of the keys means to the caller.
    package init(_ error: VaultError) {
        switch error.code {
        case .erased:
            self.init(.erased, error.message, hint: "erased content cannot be brought back")
        case .epochDestroyed:
            self.init(
                .misconfigured,
                error.message,
                hint: error.hint
                    ?? "if the key store is an older copy, \(.restoreKeys) brings it up to date; "
                    + "see docs/operating/lost-key-store.md"
            )
        case .unavailable:
            self.init(
                .unavailable,
                error.message,
                hint: error.hint ?? "check the key store and where the KEKs are, then try again"
            )
        case .noKeys, .wrongKEK, .foreignKEK, .outOfStep, .notOwner, .damagedKey, .journal,
            .provider, .rejected:
            self.init(
                .misconfigured,
                error.message,
                hint: error.hint
                    ?? "check \(.keyStore), \(.keks), and \(.keyJournal): they must be this "
                    + "ledger's; if the key store was lost or is an older copy, \(.restoreKeys)"
            )
        }
    }
}
