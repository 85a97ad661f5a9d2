// The write path beside plain inserts, in turns.

internal import Foundation

/// Compares sealed appends with one plain row a transaction.
struct AppendBenchmark {
    /// The sealed write path must reach this multiple of plain one-row transactions.
    private static let floor = 5.0
    private let site: BenchmarkSite

    init(_ site: BenchmarkSite) {
        self.site = site
    }

    /// Prints each round, and gives whether the median reaches the floor.
    func run() async throws -> Bool {
        let seconds = Double(Setting.number("BENCH_SECONDS", 3))
        var ratios: [Double] = []
        for round in 1...Setting.number("BENCH_ROUNDS", 5) {
            let plain = try await PlainInsertArm(site).measure(seconds: seconds)
            let sealed = try await AppendArm(site).measure(seconds: seconds)
            ratios.append(sealed.rate / plain.rate)
            print("round \(round)  plain   \(Self.line(plain))")
            print("         sealed  \(Self.line(sealed))  ratio \(Self.format(ratios[round - 1]))")
        }
        let median = ratios.sorted()[ratios.count / 2]
        print("median ratio \(Self.format(median)), floor \(Self.format(Self.floor))")
        return median >= Self.floor
    }

    private static func line(_ measure: Measure) -> String {
        let rate = String(format: "%7.0f", measure.rate)
        let client = String(format: "%5.1f", measure.cost.client)
        let server = String(format: "%5.1f", measure.cost.server)
        return "\(rate) events/s, processor time an event: client \(client) µs, server \(server) µs"
    }

    private static func format(_ ratio: Double) -> String { String(format: "%.1f", ratio) }
}
