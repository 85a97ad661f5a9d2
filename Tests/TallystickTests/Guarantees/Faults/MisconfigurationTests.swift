// A wrong installation: keys, databases, schemas or privileges that do not fit. Each is told apart,
// says what to do, and stores nothing.

import Foundation
import TallyCore
import TallyPostgres
import TallyStore
import TallyTesting
import Tallystick
import Testing

@Suite(.database, .serialized)
struct MisconfigurationTests {
    @Test func aDirectoryWithoutTheKEKStoresNothing() async throws {
        let test = try TestLedger.current
        let id = try await test.open { try await $0.createTenant(named: "acme").id }
        var configuration = test.configuration
        configuration.kekDirectory += "-empty"
        try await Self.expectKeysRefused(configuration, id)
    }

    @Test func theDirectoryOfAnotherLedgerStoresNothing() async throws {
        let test = try TestLedger.current
        let id = try await test.open { try await $0.createTenant(named: "acme").id }
        try await TestLedger.with {
            var configuration = test.configuration
            let other = try TestLedger.current.configuration.kekDirectory
            configuration.kekDirectory = other
            try await Self.expectKeysRefused(configuration, id)
            // The other ledger's KEK under this ledger's name.
            let files = FileManager.default
            let name = try #require(
                try files.contentsOfDirectory(atPath: test.configuration.kekDirectory)
                    .first { $0.hasSuffix(".kek") }
            )
            let foreign = try #require(
                try files.contentsOfDirectory(atPath: other).first { $0.hasSuffix(".kek") }
            )
            configuration.kekDirectory += "-forged"
            try files.createDirectory(
                atPath: configuration.kekDirectory,
                withIntermediateDirectories: true
            )
            try files.copyItem(
                atPath: "\(other)/\(foreign)",
                toPath: "\(configuration.kekDirectory)/\(name)"
            )
            try await Self.expectKeysRefused(configuration, id)
        }
    }

    @Test func aKeyStoreThatIsGoneIsUnavailableAndStoresNothing() async throws {
        let test = try TestLedger.current
        var configuration = test.configuration
        configuration.connectPatience = .zero
        let ledger = try await Ledger.open(configuration)
        let acme = try await ledger.createTenant(named: "acme")
        _ = try await acme.append(.sample("s"))
        let store = try KeyStoreSwitch(test.configuration)
        try store.turn(false)
        let person = NewEvent.put("s", type: "t", data: "{}", personal: ["p": "{}"])
        let answers = await callers(20) { _ in await acme.answer([person]) }
        #expect(answers.allSatisfy { $0.problem == .unavailable })
        let problem = await #expect(throws: Problem.self) {
            try await ledger.createTenant(named: "globex")
        }
        #expect(problem?.code == .unavailable)
        #expect(try Witness.current.eventCount(acme.id) == 1)
        try store.turn(true)
        #expect(await acme.answer([person]).receipts.map(\.version) == [2])
        try await Witness.current.expectSound(acme.id, vault: ledger.vault)
        await ledger.close()
    }

    @Test func aDatabaseWithoutTheSchemaIsMisconfigured() async throws {
        let configuration = try TestLedger.current.configuration
        let empty = try TestCluster.shared.get().createDatabase(template: nil)
        var ledger = configuration
        ledger.database = empty
        try await Self.expectRefusedToOpen(ledger, "the ledger database has no Tallystick schema")
        var keys = configuration
        keys.keys = empty
        try await Self.expectRefusedToOpen(keys, "the keys database has no Tallystick schema")
        var fresh = configuration
        fresh.database = try TestCluster.shared.get().createDatabase(template: .ledger)
        try await Self.expectRefusedToOpen(fresh, "the database has the schema but no ledger")
        var exchanged = configuration
        (exchanged.database, exchanged.keys) = (configuration.keys, configuration.database)
        try await Self.expectRefusedToOpen(exchanged, "has no Tallystick schema")
    }

    @Test func aNewerOrAnotherSchemaIsMisconfiguredAndLeftAlone() async throws {
        let configuration = try TestLedger.current.configuration
        let superuser = try Witness.current.superuser()
        try superuser.execute(
            "INSERT INTO tally.schema_version VALUES (\(SchemaTarget.ledger.version + 1), '\\x00')"
        )
        try await Self.expectRefusedToOpen(configuration, "of a newer build than this one")
        await #expect(throws: Problem.self) {
            try await Ledger.initialize(configuration, origin: "test.example/rounds/1")
        }
        try superuser.execute(
            """
            DELETE FROM tally.schema_version WHERE version > \(SchemaTarget.ledger.version);
            UPDATE tally.schema_version SET digest = '\\x00' WHERE version = 2
            """
        )
        try await Self.expectRefusedToOpen(
            configuration,
            "its migration 0002-bounds is another one"
        )
    }

    @Test func aLoginWithoutTheWritersRoleIsMisconfiguredAndStoresNothing() async throws {
        let test = try TestLedger.current
        let id = try await test.open { try await $0.createTenant(named: "acme").id }
        let login = "login_\(id.hex.prefix(8))"
        try Witness.current.superuser().execute(
            "CREATE ROLE \(login) LOGIN; GRANT tally_reader, tally_operator TO \(login)"
        )
        var configuration = test.configuration
        configuration.database = configuration.database.replacing(
            "//tally@",
            with: "//\(login)@"
        )
        let ledger = try await Ledger.open(configuration)
        let acme = try await ledger.tenant(named: "acme")
        let answer = await acme.answer([.sample("s")])
        await ledger.close()
        #expect(answer.problem == .misconfigured)
        #expect(try Witness.current.eventCount(id) == 0)
    }

    private static func expectRefusedToOpen(
        _ configuration: LedgerConfiguration,
        _ message: String
    ) async throws {
        let problem = await #expect(throws: Problem.self) {
            try await Ledger.open(configuration)
        }
        #expect(problem?.code == .misconfigured)
        #expect(problem?.message.contains(message) == true, "\(problem?.message ?? "")")
        #expect(problem?.hint.isEmpty == false)
    }

    /// Nothing that needs a key works: neither finding a tenant, nor making one, nor appending.
    private static func expectKeysRefused(
        _ configuration: LedgerConfiguration,
        _ id: TenantID
    ) async throws {
        let ledger = try await Ledger.open(configuration)
        let answer = await Tenant(ledger: ledger, name: "acme", id: id).answer([.sample("s")])
        let found = await #expect(throws: Problem.self) {
            try await ledger.tenant(named: "acme")
        }
        let created = await #expect(throws: Problem.self) {
            try await ledger.createTenant(named: "globex")
        }
        await ledger.close()
        #expect(answer.problem == .misconfigured)
        #expect(found?.code == .misconfigured)
        #expect(created?.code == .misconfigured)
        let witness = Witness(configuration: configuration)
        #expect(try witness.eventCount(id) == 0)
        #expect(try witness.superuser().query("SELECT FROM tally.tenant").count == 2)
    }
}

/// Takes a key store away from everybody, and gives it back.
private struct KeyStoreSwitch {
    private let name: String
    private let admin: Connection

    init(_ configuration: LedgerConfiguration) throws {
        let keys = try Connection(ConnectionConfiguration(uri: configuration.keys))
        name = try keys.query("SELECT current_database()::text").text(0, 0)
        admin = try Connection(ConnectionConfiguration(uri: configuration.database))
    }

    func turn(_ on: Bool) throws {
        try admin.execute("ALTER DATABASE \(name) ALLOW_CONNECTIONS \(on)")
        guard !on else { return }
        _ = try admin.query(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1",
            [.text(name)]
        )
    }
}
