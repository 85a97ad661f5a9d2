// A ledger of an earlier build is migrated while processes write to it: what they were told is
// stored is there, once, and the chain verifies.

import Synchronization
import TallyPostgres
import TallyStore
import TallyTesting
import Testing

@testable import Tallystick

@Suite(.database)
struct MigrationUnderLoadTests {
    /// A ledger as writers of the build before have it open: the functions that they call are those
    /// of its edition until the migration is through.
    private static func open(_ configuration: LedgerConfiguration) async throws -> Ledger {
        let pool = configuration.pool()
        defer { pool.close() }
        let found = try await pool.withConnection { connection in
            (try TenantQuery.ledger(connection), try TenantQuery.ledgerTenant(connection))
        }
        return try Ledger(
            configuration,
            row: #require(found.0),
            ledgerTenant: #require(found.1)
        )
    }

    /// What the writers and the migration tell each other.
    private final class Load: Sendable {
        let isMigrated = Mutex(false)
        let stored = Mutex<[Int]>([])
    }

    @Test func writersOfTheBuildBeforeGoOn() async throws {
        let fixture = try Fixture("ledger-a715c26")
        defer { fixture.remove() }
        // What this build asks of a key store the one before did not have.
        let keys = try Connection(ConnectionConfiguration(uri: fixture.configuration.keys))
        #expect(try Migrator(.keys, on: keys).run() == .current)
        let ledger = try await Self.open(fixture.configuration)
        let globex = try await ledger.tenant(named: "globex")
        let before = try await ledger.registry.find("globex").size
        let load = Load()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    var number = 0
                    while number < 20 || !load.isMigrated.withLock({ $0 }) {
                        number += 1
                        let receipt = try await globex.append(
                            .put("load/\(writer)", type: "t", data: "\(number)"),
                            request: "\(writer)-\(number)"
                        )
                        load.stored.withLock { $0.append(receipt.position) }
                    }
                }
            }
            group.addTask {
                while load.stored.withLock({ $0.count }) < 40 { await Task.yield() }
                try await LedgerSchema.migrate(fixture.configuration)
                load.isMigrated.withLock { $0 = true }
            }
            try await group.waitForAll()
        }
        await ledger.close()
        let positions = load.stored.withLock { $0.sorted() }
        #expect(positions == Array(before..<before + positions.count))
        let migrated = try await Ledger.open(fixture.configuration)
        #expect(try await migrated.registry.find("globex").size == before + positions.count)
        try await Witness(configuration: fixture.configuration)
            .expectSound(globex.id, vault: migrated.vault)
        await migrated.close()
    }
}
