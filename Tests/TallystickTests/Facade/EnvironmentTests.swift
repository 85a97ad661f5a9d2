// Where a ledger is, as the environment says it.

import Tallystick
import Testing

struct EnvironmentTests {
    private static let whole = [
        "TALLY_DB": "postgresql:///ledger", "TALLY_KEYS": "postgresql:///keys",
        "TALLY_KEK_DIR": "/run/keks", "TALLY_KEY_JOURNAL": "/mnt/journal",
    ]

    @Test func allFourPlacesAreRead() throws {
        let configuration = try LedgerConfiguration(environment: Self.whole)
        #expect(configuration.database == "postgresql:///ledger")
        #expect(configuration.keys == "postgresql:///keys")
        #expect(configuration.keks == .files(directory: "/run/keks"))
        #expect(configuration.keyJournal == "/mnt/journal")
    }

    @Test(arguments: ["TALLY_DB", "TALLY_KEYS", "TALLY_KEK_DIR", "TALLY_KEY_JOURNAL"])
    func whatIsMissingOrEmptyIsNamed(name: String) {
        for value in [nil, ""] {
            var environment = Self.whole
            environment[name] = value
            let problem = #expect(throws: Problem.self) {
                try LedgerConfiguration(environment: environment)
            }
            #expect(problem?.code == .misconfigured)
            #expect(problem?.message.contains(name) == true)
        }
    }

    @Test func twoPlacesForTheKEKsAreRefused() {
        let environment = Self.whole.merging(["TALLY_KEK": "openbao:https://h:8200/tally"]) { $1 }
        let problem = #expect(throws: Problem.self) {
            try LedgerConfiguration(environment: environment)
        }
        #expect(problem?.code == .misconfigured)
    }
}
