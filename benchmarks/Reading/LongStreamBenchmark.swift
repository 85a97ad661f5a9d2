// One stream with many patches and its past, with snapshots and without.

internal import Foundation
internal import TallyPostgres
internal import TallyReplay
internal import Tallystick

/// Measures looks into the past of a long stream.
struct LongStreamBenchmark {
    private static let looks = 40

    private let site: BenchmarkSite

    init(_ site: BenchmarkSite) {
        self.site = site
    }

    /// Prints the median of looks at random versions, with snapshots and without.
    func run() async throws {
        let events = Setting.number("BENCH_STREAM", 20_000)
        let tenant = try await site.ledger.createTenant(
            named: "stream-\(UInt32.random(in: 0 ... .max))"
        )
        for first in stride(from: 1, through: events, by: 500) {
            _ = try await tenant.append((first..<first + 500).map { Self.event($0) })
        }
        let stop = try await site.ledger.projectionRunner().catchUp(tenant.id, ["documents"])
        precondition(stop == nil)
        let positions = (0..<Self.looks).map { _ in Int.random(in: 1...events) }
        let with = try await look(tenant, positions)
        try await site.administrator.withConnection { try $0.execute("DELETE FROM tally.snapshot") }
        let without = try await look(tenant, positions)
        print(
            String(
                format:
                    "a stream of %d patches as of a version: p50 %.1f ms, without snapshots %.1f "
                    + "ms",
                events,
                with,
                without
            )
        )
    }

    private func look(_ tenant: Tenant, _ positions: [Int]) async throws -> Double {
        var times: [Double] = []
        for position in positions {
            let start = ContinuousClock.now
            let document = try await tenant.document("meter/1", at: .position(position))
            times.append((ContinuousClock.now - start) / .milliseconds(1))
            precondition(document?.version == position)
        }
        return times.median
    }

    private static func event(_ version: Int) -> NewEvent {
        let data = #"{"reading":\#(version),"k\#(version % 16)":"\#(version)"}"#
        return version == 1
            ? .put("meter/1", type: "read", data: data)
            : .patch("meter/1", type: "read", data: data)
    }
}
