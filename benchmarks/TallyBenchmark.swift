// The benchmark's entry: arms interleaved in one process, so that a noisy machine slows them all.

internal import Foundation
internal import Tallystick

@main
struct TallyBenchmark {
    static func main() async {
        let names = CommandLine.arguments.dropFirst()
        do {
            let site = try await BenchmarkSite.open()
            var isReached = true
            if names.contains("figures") { try await figures(site) }
            if names.isEmpty || names.contains("append") {
                isReached = try await AppendBenchmark(site).run() && isReached
            }
            if names.isEmpty || names.contains("projections") {
                try await ProjectionArm(site).run()
            }
            if names.isEmpty || names.contains("reading") {
                isReached = try await ReadingBenchmark(site).run() && isReached
                try await LongStreamBenchmark(site).run()
            }
            if names.isEmpty || names.contains("tables") {
                isReached = try await TableBenchmark(site).run() && isReached
            }
            if names.isEmpty || names.contains("decisions") {
                try await DecisionBenchmark(site).run()
            }
            if names.isEmpty || !Set(["erasure", "restore", "pitr"]).isDisjoint(with: names) {
                isReached = try await decided(site, Set(names)) && isReached
            }
            await site.close()
            if !isReached { exit(1) }
        } catch {
            print("error: \(error)")
            exit(1)
        }
    }
}

extension TallyBenchmark {
    /// The figures of docs/performance.md.
    private static func figures(_ site: BenchmarkSite) async throws {
        var book = FigureBook()
        let rounds = Setting.number("BENCH_ROUNDS", 5)
        let seconds = Double(Setting.number("BENCH_SECONDS", 2))
        try await AppendFigures(site, rounds: rounds, seconds: seconds).run(&book)
        try await FunctionFigures(site, rounds: rounds).run(&book)
        try await BulkFigures(site, rounds: rounds, seconds: seconds).run(&book)
        try await ReadFigures(site, rounds: rounds).run(&book)
        let path = ProcessInfo.processInfo.environment["BENCH_RESULTS"] ?? "results.json"
        try book.write(to: path, try await BenchmarkPlace.here(site))
        print("wrote \(path)")
    }

    /// What two people decide about.
    private static func decided(_ site: BenchmarkSite, _ names: Set<String>) async throws -> Bool {
        let signers = try await Signers(site.ledger)
        var isReached = true
        if names.isEmpty || names.contains("erasure") {
            isReached = try await ErasureBenchmark(site, signers).run()
        }
        if names.isEmpty || names.contains("restore") {
            try await RestoreBenchmark(site, signers).run()
        }
        if names.contains("pitr") { try await PITRBenchmark(site, signers)?.run() }
        return isReached
    }
}

/// Numbers from the environment.
enum Setting {
    static func number(_ name: String, _ standard: Int) -> Int {
        max(1, Int(ProcessInfo.processInfo.environment[name] ?? "") ?? standard)
    }
}
