// The four places of a ledger as the environment names them, for programs and for `tally dev`.

public import Foundation
public import TallyCore

extension LedgerConfiguration {
    /// Reads where the ledger is from the variables that `tally` reads, too.
    ///
    /// `TALLY_DB` and `TALLY_KEYS` are libpq URIs, `TALLY_KEK` is an `openbao:` or `pkcs11:` URI,
    /// or `TALLY_KEK_DIR` a directory, and `TALLY_KEY_JOURNAL` is a directory. `tally dev --
    /// PROGRAM` sets them for a private server. A `tally.yaml` is not read.
    /// - Parameter environment: the variables.
    /// - Throws: `misconfigured` with the variable that is missing, or that cannot be read.
    public init(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(Problem) {
        func value(_ name: String) throws(Problem) -> String {
            guard let value = environment[name], !value.isEmpty else {
                throw Problem(
                    .misconfigured,
                    "\(name) is not set",
                    hint: "set it, or run the program under: tally dev -- PROGRAM"
                )
            }
            return value
        }
        let keks: KEKLocation
        switch (environment["TALLY_KEK"], environment["TALLY_KEK_DIR"]) {
        case (let uri?, nil): keks = try KEKLocation(uri: uri)
        case (nil, _): keks = .files(directory: try value("TALLY_KEK_DIR"))
        case (_?, _?):
            throw Problem(
                .misconfigured,
                "TALLY_KEK and TALLY_KEK_DIR are both set, and a ledger's KEKs are in one place",
                hint: "keep the one where they were made, and unset the other"
            )
        }
        self.init(
            database: try value("TALLY_DB"),
            keys: try value("TALLY_KEYS"),
            keks: keks,
            keyJournal: try value("TALLY_KEY_JOURNAL")
        )
    }
}
