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
            if names.isEmpty || names.contains("append") {
                isReached = try await AppendBenchmark(site).run() && isReached
            }
            if names.isEmpty || names.contains("projections") {
                try await ProjectionArm(site).run()
            }
            if names.isEmpty || names.contains("reading") {
                isReached = try await ReadingBenchmark(site).run() && isReached
            }
            if names.isEmpty || names.contains("erasure") {
                isReached = try await ErasureBenchmark(site).run() && isReached
            }
            await site.close()
            if !isReached { exit(1) }
        } catch {
            print("error: \(error)")
            exit(1)
        }
    }
}

/// Numbers from the environment.
enum Setting {
    static func number(_ name: String, _ standard: Int) -> Int {
        max(1, Int(ProcessInfo.processInfo.environment[name] ?? "") ?? standard)
    }
}
