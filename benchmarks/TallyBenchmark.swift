// The benchmark's entry: arms interleaved in one process, so that a noisy machine slows them all.

internal import Foundation
internal import Tallystick

@main
struct TallyBenchmark {
    /// The sealed write path must reach this multiple of plain one-row transactions.
    private static let floor = 5.0

    static func main() async {
        do {
            try await run()
        } catch {
            print("error: \(error)")
            exit(1)
        }
    }

    private static func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let rounds = Int(environment["BENCH_ROUNDS"] ?? "") ?? 5
        let seconds = Double(environment["BENCH_SECONDS"] ?? "") ?? 3
        let site = try await BenchmarkSite.open()
        var ratios: [Double] = []
        for round in 1...max(1, rounds) {
            let plain = try await PlainInsertArm(site).measure(seconds: seconds)
            let sealed = try await AppendArm(site).measure(seconds: seconds)
            ratios.append(sealed.rate / plain.rate)
            print("round \(round)  plain   \(line(plain))")
            print("         sealed  \(line(sealed))  ratio \(format(ratios[round - 1]))")
        }
        await site.close()
        let median = ratios.sorted()[ratios.count / 2]
        print("median ratio \(format(median)), floor \(format(floor))")
        if median < floor { exit(1) }
    }

    private static func line(_ measure: Measure) -> String {
        let rate = String(format: "%7.0f", measure.rate)
        let client = String(format: "%5.1f", measure.cost.client)
        let server = String(format: "%5.1f", measure.cost.server)
        return "\(rate) events/s, processor time an event: client \(client) µs, server \(server) µs"
    }

    private static func format(_ ratio: Double) -> String { String(format: "%.1f", ratio) }
}
