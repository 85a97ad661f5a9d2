// A PostgreSQL server of its own that crashes, or goes away, under load. As everywhere: what was
// acknowledged is there, what failed is not, and the rest is settled by a retry.

import Foundation
import TallyCore
import TallyPostgres
import TallyStore
import TallyTesting
import Tallystick
import Testing

@Suite struct CrashTests {
    @Test(arguments: [UInt64.random(in: 0..<1_000_000)])
    func aServerThatCrashesUnderLoadLosesAndDoublesNothing(seed: UInt64) async throws {
        print("crashing server: seed \(seed)")
        let site = try await DedicatedLedger.create()
        defer { site.remove() }
        let ledger = try await Ledger.open(site.configuration)
        let load = try await FaultLoad.make(ledger, tenants: 4)
        let outcomes = try await load.run { load in
            var random = SeededRandom(seed: seed)
            for crash in 1...3 {
                await load.acknowledged.reached(crash * 150)
                try site.killABackend(&random)
            }
            await load.acknowledged.reached(700)
        }
        try await FaultLoad.settle(outcomes, of: (0..<4).map { "tenant-\($0)" }, in: ledger)
        await ledger.close()
    }

    @Test func aServerThatIsStoppedUnderLoadLosesAndDoublesNothing() async throws {
        var site = try await DedicatedLedger.create()
        var configuration = site.configuration
        configuration.connectPatience = .zero
        let ledger = try await Ledger.open(configuration)
        let load = try await FaultLoad.make(ledger, tenants: 4)
        let cluster = site.cluster
        let outcomes = try await load.run { load in
            await load.acknowledged.reached(300)
            try await offPool { try cluster.stop() }
        }
        await ledger.close()
        let failed = outcomes.compactMap(\.answer.problem)
        #expect(!failed.isEmpty)
        site = try await site.restarted()
        defer { site.remove() }
        let reopened = try await Ledger.open(site.configuration)
        try await FaultLoad.settle(outcomes, of: (0..<4).map { "tenant-\($0)" }, in: reopened)
        await reopened.close()
    }

    @Test func aServerThatIsNotThereIsUnavailableAndHasAHint() async throws {
        var configuration = LedgerConfiguration(
            database: "postgresql://tally@%2Ftmp%2Fnowhere:1/ledger",
            keys: "postgresql://tally@%2Ftmp%2Fnowhere:1/keys",
            kekDirectory: "/tmp/nowhere/kek",
            keyJournal: "/tmp/nowhere/journal"
        )
        configuration.lanes = 1
        configuration.connectPatience = .zero
        let problem = await #expect(throws: Problem.self) {
            try await Ledger.open(configuration)
        }
        #expect(problem?.code == .unavailable)
        #expect(problem?.hint.isEmpty == false)
    }
}

extension DedicatedLedger {
    /// Kills one backend without a word; the server then ends all others and recovers.
    func killABackend(_ random: inout SeededRandom) throws {
        let rows = try administrator().query(
            """
            SELECT pid FROM pg_stat_activity WHERE datname IN ('ledger', 'keys')
            AND backend_type = 'client backend' ORDER BY backend_start
            """
        )
        try #require(rows.count > 0)
        let pid = try rows.integer(Int.random(in: 0..<rows.count, using: &random), 0)
        try #require(kill(pid_t(pid), SIGKILL) == 0)
    }
}
