// The benchmark's entry: arms interleaved in one process, so that a noisy machine slows them all.

internal import Foundation
internal import TallyPostgres
internal import Tallystick

@main
struct Benchmark {
    static func main() async throws {
        let environment = ProcessInfo.processInfo.environment
        let rounds = Int(environment["BENCH_ROUNDS"] ?? "") ?? 3
        let seconds = Double(environment["BENCH_SECONDS"] ?? "") ?? 2
        let site = try await BenchmarkSite.open()
        var plain: [Double] = []
        var sealed: [Double] = []
        for round in 1...rounds {
            plain.append(try await PlainInsertArm(site).rate(seconds: seconds))
            sealed.append(try await AppendArm(site).rate(seconds: seconds))
            print(
                "round \(round): plain \(Int(plain[round - 1]))/s, "
                    + "sealed append \(Int(sealed[round - 1]))/s, "
                    + "ratio \(ratio(sealed[round - 1], plain[round - 1]))"
            )
        }
        try await site.close()
        let ratios = zip(sealed, plain).map { $0 / $1 }.sorted()
        let median = ratios[ratios.count / 2]
        print("median ratio \(ratio(median, 1)) (floor 5.0)")
        if median < 5 { exit(1) }
    }

    private static func ratio(_ value: Double, _ base: Double) -> String {
        String(format: "%.1f", value / base)
    }
}
