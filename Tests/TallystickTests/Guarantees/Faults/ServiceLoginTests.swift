// A service's login owns nothing: with the roles of writers and readers of both databases it
// appends and reads, and can neither destroy a key nor look at one.

import TallyCore
import TallyPostgres
import TallyStore
import TallyTesting
import Tallystick
import Testing

@Suite(.database)
struct ServiceLoginTests {
    /// The test's ledger as a login sees it that has these roles and no others.
    private static func login(_ roles: String) throws -> LedgerConfiguration {
        var configuration = try TestLedger.current.configuration
        let name = "service_\(UInt32.random(in: 0 ... .max))"
        try Witness.current.superuser()
            .execute("CREATE ROLE \(name) LOGIN; GRANT \(roles) TO \(name)")
        configuration.database = configuration.database.replacing("//tally@", with: "//\(name)@")
        configuration.keys = configuration.keys.replacing("//tally@", with: "//\(name)@")
        return configuration
    }

    @Test func itAppendsAndReadsAndDestroysNothing() async throws {
        try await TestLedger.current.open { _ = try await $0.createTenant(named: "acme") }
        let configuration = try Self.login("tally_writer, tally_reader, tally_key_writer")
        let ledger = try await Ledger.open(configuration)
        let acme = try await ledger.tenant(named: "acme")
        _ = try await acme.append(.put("c/1", type: "t", data: #"{"a":1}"#, personal: ["p": "1"]))
        #expect(try await acme.document("c/1")?.personal == ["p": "1"])
        let rotation = await #expect(throws: Problem.self) { _ = try await ledger.keys.rotate() }
        #expect(rotation?.code == .misconfigured)
        await ledger.close()
        let keys = try Connection(ConnectionConfiguration(uri: configuration.keys))
        for statement in [
            "SELECT * FROM tally_keys.key_record", "DELETE FROM tally_keys.key_record",
            "SELECT tally_keys.destroy_keys(NULL, NULL, NULL, NULL, NULL)",
        ] {
            let refusal = #expect(throws: PostgresError.self) { try keys.query(statement) }
            #expect(refusal?.sqlState == "42501", "\(statement)")
        }
    }

    @Test func withoutTheRoleOfTheKeyStoreItIsTold() async throws {
        try await TestLedger.current.open { _ = try await $0.createTenant(named: "acme") }
        let configuration = try Self.login("tally_writer, tally_reader")
        let problem = await #expect(throws: Problem.self) {
            _ = try await Ledger.open(configuration)
        }
        #expect(problem?.code == .misconfigured)
        #expect(problem?.message.contains("permission denied") == true)
    }
}
