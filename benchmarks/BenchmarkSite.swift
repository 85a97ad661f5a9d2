// Where the arms run: one ledger in one cluster, with a plain table of the same shape beside it.

internal import Foundation
internal import TallyPostgres
internal import Tallystick

/// A ledger with 64 tenants, and a plain table.
struct BenchmarkSite: Sendable {
    let ledger: Ledger
    let tenants: [Tenant]
    let database: String
    /// For questions about the server, outside every arm.
    let administrator: ConnectionPool

    static func open() async throws -> BenchmarkSite {
        let environment = ProcessInfo.processInfo.environment
        guard let database = environment["TALLY_DB"], let keys = environment["TALLY_KEYS"],
            let kek = environment["TALLY_KEK_DIR"],
            let journal = environment["TALLY_KEY_JOURNAL"]
        else {
            print("run it as: tally dev -- tally-bench")
            exit(64)
        }
        let configuration = LedgerConfiguration(
            database: database,
            keys: keys,
            kekDirectory: kek,
            keyJournal: journal
        )
        _ = try await Ledger.initialize(configuration, origin: "bench/rounds/1")
        let ledger = try await Ledger.open(configuration)
        var tenants: [Tenant] = []
        let run = UInt32.random(in: 0 ... .max)
        for number in 0..<64 {
            tenants.append(try await ledger.createTenant(named: "bench-\(run)-\(number)"))
        }
        return BenchmarkSite(
            ledger: ledger,
            tenants: tenants,
            database: database,
            administrator: ConnectionPool(ConnectionConfiguration(uri: database), size: 1)
        )
    }

    func close() async {
        administrator.close()
        await ledger.close()
    }
}
