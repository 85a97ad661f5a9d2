// A copy of a ledger that sees the KEKs of the original: it reads, and ends no epoch until it is
// adopted; then the original does not.

import Foundation
import TallyCore
import TallyPostgres
import TallyTesting
import TallyVault
import Tallystick
import Testing

@Suite(.database)
struct KeyCopyTests {
    /// The ledger with a copy of its key store.
    private static func copy() throws -> LedgerConfiguration {
        var configuration = try TestLedger.current.configuration
        let original = try #require(URL(string: configuration.keys)).lastPathComponent
        let name = "copy_\(UUID().uuidString.prefix(8).lowercased())"
        let admin = try Connection(
            ConnectionConfiguration(
                uri: configuration.keys.replacing("/\(original)", with: "/postgres")
            )
        )
        try admin.execute("CREATE DATABASE \(name) TEMPLATE \(original)")
        configuration.keys = configuration.keys.replacing("/\(original)", with: "/\(name)")
        return configuration
    }

    private static func expectRefused(_ ledger: Ledger) async throws {
        let problem = await #expect(throws: Problem.self) { _ = try await ledger.keys.rotate() }
        #expect(problem?.code == .misconfigured)
        #expect(problem?.hint.contains("tally key adopt") == true)
        #expect(try await ledger.doctor()["KEKs: owner"]?.state == .failing)
    }

    @Test func aCopyNeitherRotatesNorDestroysUntilItIsAdopted() async throws {
        let test = try TestLedger.current
        try await test.open { _ = try await $0.sampleTenant("acme") }
        let copy = try await Ledger.open(try Self.copy())
        #expect(try await copy.people("acme", "crm/contact/1") == 3, "a copy reads")
        try await Self.expectRefused(copy)
        try await test.open { ledger async throws in
            #expect(try await ledger.doctor()["KEKs: owner"]?.state == .good)
            #expect(try await ledger.people("acme", "crm/contact/1") == 3)
        }
        #expect(try await copy.keys.adopt())
        #expect(try await !copy.keys.adopt(), "once is enough")
        try await test.open { ledger async throws in try await Self.expectRefused(ledger) }
        #expect(try await copy.keys.rotate().destroyed == [1])
        #expect(try await copy.people("acme", "crm/contact/1") == 3)
        await copy.close()
    }

    @Test func aCopyDoesNotEndAnEpochWhoseRetentionIsOver() async throws {
        var configuration = try TestLedger.current.configuration
        configuration.keyBackupRetention = .seconds(24 * 3600)
        let ledger = try await Ledger.open(configuration)
        _ = try await ledger.sampleTenant("acme")
        _ = try await ledger.keys.rotate()
        await ledger.close()
        let copy = try await Ledger.open(try Self.copy())
        await #expect(throws: Problem.self) {
            _ = try await ErasureRound(copy.decisionContext).advance()
        }
        let files = KeyFiles(copy)
        #expect(files.exists(files.kek(1)) && files.exists(files.journal(1)))
        await copy.close()
    }

    @Test func aKeyStoreThatIsRestoredElsewhereIsAdoptedFirst() async throws {
        let test = try TestLedger.current
        try await test.open { _ = try await $0.sampleTenant("acme") }
        var configuration = try Self.copy()
        configuration.keyJournal = test.configuration.keyJournal
        try Connection(ConnectionConfiguration(uri: configuration.keys)).execute(
            """
            TRUNCATE tally_keys.key_record, tally_keys.tenant_wrap, tally_keys.key_block,
                tally_keys.key_epoch, tally_keys.key_owner
            """
        )
        let ledger = try await Ledger.open(configuration)
        #expect(try await ledger.keys.restore().losses == [])
        #expect(try await ledger.people("acme", "crm/contact/1") == 3)
        try await Self.expectRefused(ledger)
        #expect(try await ledger.keys.adopt())
        #expect(try await ledger.keys.rotate().destroyed == [1])
        await ledger.close()
    }

    @Test func aCopyOfTheServersFilesIsAnotherOne() async throws {
        let site = try await DedicatedLedger.create()
        defer { site.remove() }
        let first = try await Ledger.open(site.configuration)
        _ = try await first.sampleTenant("acme")
        await first.close()
        try site.cluster.stop()
        let folder = "\(site.directory)/copy"
        let files = Process()
        files.executableURL = URL(filePath: "/bin/cp")
        files.arguments = ["-a", "\(site.directory)/cluster", folder]
        try files.run()
        files.waitUntilExit()
        let server = try await offPool {
            try PrivateCluster.start(
                PrivateClusterConfiguration(directory: folder, durable: false)
            )
        }
        defer { try? server.stop() }
        var configuration = site.configuration
        configuration.database = server.uri(database: "ledger")
        configuration.keys = server.uri(database: "keys")
        let copy = try await Ledger.open(configuration)
        #expect(try await copy.people("acme", "crm/contact/1") == 3)
        try await Self.expectRefused(copy)
        await copy.close()
    }
}
