// Ledgers whose KEKs are on an OpenBao server or in an HSM, by the command line alone; and which of
// several places counts.

import Foundation
import TallyTesting
import Tallystick
import Testing

@Suite(.database)
struct KEKOptionTests {
    /// Databases without a ledger, and the place of its KEKs.
    private func environment(_ kek: [String: String]) throws -> [String: String] {
        let cluster = try TestCluster.shared.get()
        let rest = [
            "TALLY_DB": try cluster.createDatabase(template: .ledger),
            "TALLY_KEYS": try cluster.createDatabase(template: .keys),
            "TALLY_KEY_JOURNAL": "\(cluster.scratch)/journal-\(UUID().uuidString)",
            "PATH": "/usr/bin:/bin",
        ]
        return rest.merging(kek) { $1 }
    }

    /// Writes and reads what is sealed under a key that the place has wrapped.
    private func expectToWork(_ environment: [String: String]) throws {
        for words in [
            ["tenant", "create", "acme"],
            ["append", "acme", "a/1", "made", "--data", "1", "--personal", "p:1=2"],
            ["verify", "acme", "--open", "--allow-missing", "checkpoints,witnesses"],
        ] {
            let ended = try TallyProcess.run(words, environment: environment)
            #expect(ended.status == 0, "\(words) \(ended.errors)")
        }
    }

    @Test func aLedgerKeepsItsKEKsInOpenBao() throws {
        let server = try OpenBaoServer.shared.get()
        func uri(_ policy: OpenBaoServer.Policy) throws -> String {
            let file = try server.tokenFile(server.token(policy))
            return "openbao:\(server.address)/\(OpenBaoServer.mount)?token-file=\(file)"
        }
        let environment = try environment(["TALLY_KEK": uri(.service)])
        let refused = try TallyProcess.run(["init"], environment: environment)
        #expect(refused.status == 1)
        #expect(refused.errors.contains("extend its policy"))
        let made = try TallyProcess.run(
            ["init", "--kek", uri(.keeper)],
            environment: environment
        )
        #expect(made.status == 0, "\(made.errors)")
        try expectToWork(environment)
    }

    @Test func aLedgerKeepsItsKEKsInAnHSM() throws {
        let softHSM = try SoftHSM.shared.get()
        let label = SoftHSM.labels[0].replacing(" ", with: "%20")
        let uri =
            "pkcs11:token=\(label)?module-path=\(softHSM.modulePath)"
            + "&pin-source=file:\(try softHSM.pinFile())"
        let environment = try environment([
            "TALLY_KEK": uri, SoftHSM.variable: softHSM.configuration,
        ])
        let made = try TallyProcess.run(["init"], environment: environment)
        #expect(made.status == 0, "\(made.errors)")
        try expectToWork(environment)
    }

    @Test func aServerThatIsNotThereEndsWith75() throws {
        let file = try SoftHSM.shared.get().pinFile()
        let environment = try environment([
            "TALLY_KEK": "openbao:http://127.0.0.1:9/tally?token-file=\(file)"
        ])
        let ended = try TallyProcess.run(["init"], environment: environment)
        #expect(ended.status == 75)
        #expect(ended.errors.contains("http://127.0.0.1:9"))
    }

    @Test func twoPlacesOfOneSourceAreRefusedAndAFlagOutweighsTheEnvironment() throws {
        let here = try TallyProcess.ledgerEnvironment()
        let uri = "openbao:https://127.0.0.1:9/t?token-file=/nowhere/token"
        let both = try TallyProcess.run(
            ["status"],
            environment: here.merging(["TALLY_KEK": uri]) { $1 }
        )
        #expect(both.status == 1)
        #expect(both.errors.contains("kek and kek-dir are both given"))
        let flags = ["status", "--kek", uri, "--kek-dir", "/nowhere"]
        #expect(try TallyProcess.run(flags).status == 1)
        #expect(try TallyProcess.run(["status"]).status == 0)
        let create = ["tenant", "create", "acme"]
        let flag = try TallyProcess.run(create + ["--kek", uri])
        #expect(flag.status == 1)
        #expect(flag.errors.contains("/nowhere/token"))
        #expect(try TallyProcess.run(create).status == 0)
    }

    @Test func withoutAPlaceAndWithABadOneTheErrorSaysWhatToSet() throws {
        var environment = try TallyProcess.ledgerEnvironment()
        environment["TALLY_KEK_DIR"] = nil
        let missing = try TallyProcess.run(["status"], environment: environment)
        #expect(missing.status == 1)
        #expect(missing.errors.contains("TALLY_KEK_DIR"))
        environment["TALLY_KEK"] = "pkcs11:token=t?module-path=m&pin-value=SECRET"
        let bad = try TallyProcess.run(["status"], environment: environment)
        #expect(bad.status == 1)
        #expect(bad.errors.contains("pin-source=file:"))
        #expect(!bad.errors.contains("SECRET"))
    }
}
