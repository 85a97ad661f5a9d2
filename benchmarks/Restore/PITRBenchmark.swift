// One tenant back to a moment beside the whole cluster back to it, while the data of other tenants
// grows.

internal import Foundation
internal import TallyPostgres
internal import TallyReplay
internal import Tallystick

/// Measures a restore of one tenant beside a point-in-time recovery that somebody else's tool
/// makes.
///
/// `PITR_BACKUP` and `PITR_RESTORE` are commands: the first takes a backup, the second brings a
/// cluster up as of the time that it is given. `benchmarks/pitr/run` provides both.
struct PITRBenchmark {
    private static let changes = 1000

    private let site: BenchmarkSite
    private let signers: Signers
    private let backup: String
    private let recovery: String

    /// Prepares it; `nil` where there is no cluster that could be recovered.
    init?(_ site: BenchmarkSite, _ signers: Signers) {
        let environment = ProcessInfo.processInfo.environment
        guard let backup = environment["PITR_BACKUP"], let recovery = environment["PITR_RESTORE"]
        else { return nil }
        (self.site, self.signers, self.backup, self.recovery) = (site, signers, backup, recovery)
    }

    /// Prints a line for each size.
    func run() async throws {
        let log = try await ChangedLog.make(site, streams: 2000, rounds: 10)
        var others = 0
        for factor in [1, 10, 100] {
            let more = factor * log.size - others
            _ = try await LongLog.make(site, events: more)
            others += more
            try call(backup)
            let moment = try await text("SELECT clock_timestamp()::text")
            let restore = try await RestoreBenchmark(site, signers).restore(Self.changes, log)
            _ = try await text("SELECT pg_switch_wal()::text")
            let recovered = try timed { try call(recovery, moment) }
            print(
                "others x\(factor) (\(try await size()) MB): one tenant \(restore), "
                    + "the cluster \(String(format: "%.1f", recovered)) s, "
                    + "\(Int(recovered / restore.seconds)) times as long"
            )
        }
    }

    private func text(_ question: String) async throws -> String {
        try await site.administrator.withConnection { try $0.query(question).text(0, 0) }
    }

    /// The databases, in MB.
    private func size() async throws -> String {
        try await text(
            "SELECT (sum(pg_database_size(datname)) / 1000000)::bigint::text FROM pg_database"
        )
    }

    private func timed(_ body: () throws -> Void) throws -> Double {
        let start = ContinuousClock.now
        try body()
        return (ContinuousClock.now - start) / .seconds(1)
    }

    private func call(_ command: String, _ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(filePath: command)
        process.arguments = arguments
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Problem(.unavailable, "\(command) failed", hint: "see what it wrote")
        }
    }
}
