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
        let site = try await CrashSite.create()
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
        var site = try await CrashSite.create()
        let ledger = try await Ledger.open(site.configuration)
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
        let problem = await #expect(throws: Problem.self) {
            try await Ledger.open(configuration)
        }
        #expect(problem?.code == .unavailable)
        #expect(problem?.hint.isEmpty == false)
    }
}

/// A ledger on a server that nobody else uses.
struct CrashSite: Sendable {
    let cluster: PrivateCluster
    let directory: String
    let configuration: LedgerConfiguration

    static func create() async throws -> CrashSite {
        let directory = "\(try TestCluster.shared.get().scratch)/\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true
        )
        let site = try await start(directory)
        let admin = try Connection(
            ConnectionConfiguration(uri: site.cluster.uri(database: "postgres"))
        )
        for name in ["ledger", "keys"] { try admin.execute("CREATE DATABASE \(name)") }
        _ = try await Ledger.initialize(site.configuration, origin: "test.example/rounds/1")
        return site
    }

    /// The same data under a new server.
    func restarted() async throws -> CrashSite { try await Self.start(directory) }

    func remove() {
        try? cluster.stop()
        try? FileManager.default.removeItem(atPath: directory)
    }

    private static func start(_ directory: String) async throws -> CrashSite {
        let cluster = try await offPool {
            try PrivateCluster.start(
                PrivateClusterConfiguration(directory: "\(directory)/cluster", durable: false)
            )
        }
        return CrashSite(
            cluster: cluster,
            directory: directory,
            configuration: LedgerConfiguration(
                database: cluster.uri(database: "ledger"),
                keys: cluster.uri(database: "keys"),
                kekDirectory: "\(directory)/kek",
                keyJournal: "\(directory)/journal"
            )
        )
    }

    /// Kills one backend without a word; the server then ends all others and recovers.
    func killABackend(_ random: inout SeededRandom) throws {
        let admin = try Connection(
            ConnectionConfiguration(uri: cluster.uri(database: "postgres"))
        )
        let rows = try admin.query(
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

/// Runs what blocks on a thread of its own.
func offPool<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
    }
}
