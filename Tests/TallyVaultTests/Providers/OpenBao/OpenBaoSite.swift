// Providers on the server that all tests share: each has a ledger, and so names, of its own.

import TallyCore
import TallyTesting
import TallyVault

enum OpenBaoSite {
    /// A provider with a fresh token that has one of the documented policies.
    static func provider(
        _ policy: OpenBaoServer.Policy,
        ledger: LedgerID = .random()
    ) throws -> OpenBaoTransitKEKProvider {
        try provider(token: OpenBaoServer.shared.get().token(policy), ledger: ledger)
    }

    /// A provider with a token.
    static func provider(
        token: String,
        ledger: LedgerID = .random(),
        mount: String = OpenBaoServer.mount,
        server: OpenBaoServer? = nil
    ) throws -> OpenBaoTransitKEKProvider {
        let server = try server ?? OpenBaoServer.shared.get()
        return try OpenBaoTransitKEKProvider(
            address: server.address,
            mount: mount,
            tokenFile: server.tokenFile(token),
            ledger: ledger
        )
    }

    /// The name of an epoch's transit key.
    static func keyName(_ ledger: LedgerID, _ epoch: Int) -> String {
        let digits = String(epoch)
        return "\(ledger.hex)-\(String(repeating: "0", count: 20 - digits.count))\(digits)"
    }
}
