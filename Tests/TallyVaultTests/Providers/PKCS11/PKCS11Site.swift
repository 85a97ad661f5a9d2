// Providers on the token that all tests share: each has a ledger, and so labels, of its own.

import TallyCore
import TallyTesting
import TallyVault

enum PKCS11Site {
    /// A provider that signs in with the right PIN, or with another one.
    static func provider(
        token: String = SoftHSM.labels[0],
        module: String? = nil,
        pinFile: String? = nil,
        ledger: LedgerID = .random()
    ) throws -> PKCS11KEKProvider {
        let softHSM = try SoftHSM.shared.get()
        return try PKCS11KEKProvider(
            tokenLabel: token,
            modulePath: module ?? softHSM.modulePath,
            pinFile: pinFile ?? softHSM.pinFile(),
            ledger: ledger
        )
    }
}
