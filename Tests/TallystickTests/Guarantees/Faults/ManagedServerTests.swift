// PostgreSQL as a service gives no superuser: a login with CREATEROLE that owns two empty databases
// installs a ledger and does everything with it.

import Foundation
import TallyCore
import TallyPostgres
import TallyReplay
import TallyStore
import TallyTesting
import Testing

@testable import Tallystick

@Suite(.database)
struct ManagedServerTests {
    /// A server on which nobody has installed anything, with two databases that a login owns.
    private static func configuration(
        _ site: DedicatedLedger,
        _ login: String
    ) throws -> LedgerConfiguration {
        let admin = try site.administrator()
        try admin.execute("CREATE ROLE \(login) LOGIN NOSUPERUSER CREATEROLE CREATEDB")
        for name in ["ledger", "keys"] {
            try admin.execute("CREATE DATABASE \(login)_\(name) OWNER \(login)")
        }
        func uri(_ name: String) -> String {
            site.cluster.uri(database: "\(login)_\(name)")
                .replacing("//tally@", with: "//\(login)@")
        }
        let place = "\(site.directory)/\(login)"
        try FileManager.default.createDirectory(
            atPath: place,
            withIntermediateDirectories: true
        )
        return LedgerConfiguration(
            database: uri("ledger"),
            keys: uri("keys"),
            kekDirectory: "\(place)/kek",
            keyJournal: "\(place)/journal"
        )
    }

    /// Appends, reads, verifies, rotates and erases.
    private static func live(_ ledger: Ledger) async throws {
        let acme = try await ledger.sampleTenant("acme")
        #expect(try await acme.document("crm/contact/1")?.personal.isEmpty == false)
        #expect(
            try await ledger.projectionRunner().catchUp(acme.id, ["documents", "trail"]) == nil
        )
        let operators = try await TwoOperators(ledger)
        let id = try await operators.erasure(of: "maria", acme, ledger)
        #expect(try await ledger.erasures.run(id).state == .purged)
        _ = try await ledger.keys.rotate()
        try await Witness(configuration: ledger.configuration)
            .expectSound(acme.id, vault: ledger.vault)
    }

    @Test func aLoginThatIsNoSuperuserInstallsAndUsesALedger() async throws {
        let site = try await DedicatedLedger.server()
        defer { site.remove() }
        let configuration = try Self.configuration(site, "master")
        #expect(try await Ledger.initialize(configuration, origin: "test.example/rounds/1"))
        try await LedgerSchema.migrate(configuration, again: true)
        #expect(try await LedgerSchema.differences(configuration).map(\.difference) == [])
        let ledger = try await Ledger.open(configuration)
        try await Self.live(ledger)
        await ledger.close()
    }

    @Test func aSecondOneOfTheSameClusterIsToldWhatItLacks() async throws {
        let site = try await DedicatedLedger.server()
        defer { site.remove() }
        let first = try Self.configuration(site, "first")
        _ = try await Ledger.initialize(first, origin: "test.example/rounds/1")
        let second = try Self.configuration(site, "second")
        let admin = try site.administrator()
        // From version 16 on nobody but who has made a role may grant it.
        let version = try admin.query("SELECT current_setting('server_version_num')::int")
        if try version.integer(0, 0) >= 160_000 {
            let problem = await #expect(throws: Problem.self) {
                try await Ledger.initialize(second, origin: "test.example/rounds/2")
            }
            #expect(problem?.code == .misconfigured)
            try admin.execute(
                "DO $$ BEGIN EXECUTE (SELECT format('GRANT %s TO second', string_agg(rolname, ', "
                    + "')) "
                    + "FROM pg_roles WHERE rolname LIKE 'tally\\_%'); END $$"
            )
        }
        #expect(try await Ledger.initialize(second, origin: "test.example/rounds/2"))
        let ledger = try await Ledger.open(second)
        _ = try await ledger.createTenant(named: "acme")
        await ledger.close()
    }

    @Test func aLoginOfOneLedgerHasNoRightsInAnother() async throws {
        let site = try await DedicatedLedger.server()
        defer { site.remove() }
        let ledgers = try ["first", "second"].map { try Self.configuration(site, $0) }
        // Installed by the server's administrator: the logins above only name the databases.
        let owned = ledgers.map { Self.configuration($0, under: "tally") }
        for configuration in owned {
            _ = try await Ledger.initialize(configuration, origin: "test.example/rounds/1")
        }
        #expect(try await Self.neighbours(owned[0]) == [.weak, .weak])
        let admin = try site.administrator()
        for name in ["first_ledger", "first_keys", "second_ledger", "second_keys"] {
            try admin.execute("REVOKE CONNECT ON DATABASE \(name) FROM PUBLIC")
        }
        #expect(try await Self.neighbours(owned[0]) == [.good, .good])
        try admin.execute(
            """
            CREATE ROLE app LOGIN;
            GRANT tally_writer, tally_reader, tally_operator, tally_key_writer TO app;
            GRANT CONNECT ON DATABASE first_ledger, first_keys TO app
            """
        )
        let ledger = try await Ledger.open(Self.configuration(ledgers[0], under: "app"))
        let acme = try await ledger.createTenant(named: "acme")
        _ = try await acme.append(.put("s", type: "t", data: "1"))
        await ledger.close()
        let problem = await #expect(throws: Problem.self) {
            try await Ledger.open(Self.configuration(ledgers[1], under: "app"))
        }
        #expect(problem?.code == .misconfigured)
    }

    /// The same ledger, reached by another login.
    private static func configuration(
        _ configuration: LedgerConfiguration,
        under login: String
    ) -> LedgerConfiguration {
        var other = configuration
        other.database.replace(/\/\/[a-z]+@/, with: "//\(login)@")
        other.keys.replace(/\/\/[a-z]+@/, with: "//\(login)@")
        return other
    }

    /// What the doctor says about other ledgers of the two servers.
    private static func neighbours(
        _ configuration: LedgerConfiguration
    ) async throws -> [DoctorState] {
        let ledger = try await Ledger.open(configuration)
        let findings = try await ledger.examine()
        await ledger.close()
        return findings.filter { $0.topic.hasSuffix(": neighbours") }.map(\.state)
    }
}
