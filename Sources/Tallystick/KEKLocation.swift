// Where a ledger's key-encryption keys are: one of the places that the project supports.

package import TallyCore
package import TallyVault

/// Where the key-encryption keys (KEKs) of a ledger are.
///
/// What each place protects against, and how to set it up, is in `docs/operating/kek-providers.md`.
/// A ledger stays with the place where its epochs were made.
public enum KEKLocation: Sendable, Equatable {
    /// One 0600 file an epoch, in a directory that only its owner can enter.
    case files(directory: String)
    /// The transit engine of an OpenBao server: its address as `https://host:8200`, the path where
    /// the engine is mounted, and a file with a token, which is read again for each request.
    case openBao(address: String, mount: String, tokenFile: String)
    /// A token of a PKCS#11 module: its label, the vendor's library, which is loaded into this
    /// process, and a file with the PIN of the token's user, which is read again for each use.
    case pkcs11(token: String, modulePath: String, pinFile: String)

    /// The provider of a ledger's KEKs there; nothing is asked of it yet.
    ///
    /// - Throws: `provider` for a place that cannot be one.
    package func provider(of ledger: LedgerID) throws(VaultError) -> any KEKProvider {
        switch self {
        case .files(let directory):
            try FileKEKProvider(directory: directory, ledger: ledger)
        case .openBao(let address, let mount, let tokenFile):
            try OpenBaoTransitKEKProvider(
                address: address,
                mount: mount,
                tokenFile: tokenFile,
                ledger: ledger
            )
        case .pkcs11(let token, let modulePath, let pinFile):
            try PKCS11KEKProvider(
                tokenLabel: token,
                modulePath: modulePath,
                pinFile: pinFile,
                ledger: ledger
            )
        }
    }
}
