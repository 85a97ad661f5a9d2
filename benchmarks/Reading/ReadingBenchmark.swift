// What reading costs: folding and rebuilding beside reading alone, looks into the past, and a
// filter beside a scan.

internal import Foundation
internal import TallyCore
internal import TallyPostgres
internal import TallyReplay
internal import TallyStore
internal import Tallystick

/// Measures reading over one long log.
struct ReadingBenchmark {
    /// Opening and folding must reach this part of the rate of reading alone.
    private static let foldFloor = 0.4
    /// A rebuild must reach this part of the rate of reading and opening.
    private static let rebuildFloor = 0.5
    /// A filter for a rare actor must be faster than a scan by this.
    private static let filterFloor = 100.0

    private let site: BenchmarkSite
    private let jobs = 2

    init(_ site: BenchmarkSite) {
        self.site = site
    }

    /// Prints each figure, and gives whether all floors are reached.
    func run() async throws -> Bool {
        let count = Setting.number("BENCH_EVENTS", 1_000_000)
        let log = try await LongLog.make(site, events: count)
        let trail = try await rebuild(BuiltInProjection.trail, log)
        print("rebuild of the trail   \(Int(trail)) events/s")
        var rebuilding: [Double] = []
        var (reading, opening, folding): ([Double], [Double], [Double]) = ([], [], [])
        for _ in 0..<Setting.number("BENCH_ROUNDS", 3) {
            reading.append(try await rate(log) { try await log.read() })
            opening.append(try await rate(log) { try await log.open() })
            folding.append(try await rate(log) { try await log.fold() })
            rebuilding.append(try await rebuild(BuiltInProjection.documents, log))
        }
        let (read, open, fold) = (reading.median, opening.median, folding.median)
        print("reading alone          \(Int(read)) events/s")
        print("reading and opening    \(Int(open)) events/s")
        let isFolding = ratio("reading, opening, folding", fold, read, Self.foldFloor)
        let isRebuilding = ratio(
            "rebuild of the documents",
            rebuilding.median,
            open,
            Self.rebuildFloor
        )
        try await past(log)
        let isFiltering = try await filter(log)
        let isNarrowing = try await TermsBenchmark(log: log).run()
        return isFolding && isRebuilding && isFiltering && isNarrowing
    }

    private func rate(_ log: LongLog, _ body: () async throws -> Void) async throws -> Double {
        let start = ContinuousClock.now
        try await body()
        return Double(log.size) / ((ContinuousClock.now - start) / .seconds(1))
    }

    /// The rates of rebuilding documents and trail.
    private func rebuild(_ name: String, _ log: LongLog) async throws -> Double {
        try await rate(log) {
            let rebuild = ProjectionRebuild(
                readers: site.ledger.readers,
                projectors: site.ledger.projectors,
                vault: site.ledger.vault,
                jobs: jobs
            )
            _ = try await rebuild.run(name, [log.tenant.id]) { _ in }
        }
    }

    private func ratio(_ name: String, _ rate: Double, _ base: Double, _ floor: Double) -> Bool {
        let ratio = rate / base
        print(
            "\(name)  \(Int(rate)) events/s, ratio \(String(format: "%.2f", ratio)), floor \(floor)"
        )
        return ratio >= floor
    }

    /// One document at a random position, 500 times.
    private func past(_ log: LongLog) async throws {
        var times: [Double] = []
        for _ in 0..<500 {
            let stream = log.stream(Int.random(in: 0..<log.streams))
            let position = Int.random(in: log.streams..<log.size)
            let start = ContinuousClock.now
            _ = try await log.tenant.document(stream, at: .position(position))
            times.append((ContinuousClock.now - start) / .milliseconds(1))
        }
        times.sort()
        print(
            String(
                format: "one document as of a position: p50 %.2f ms, p99 %.2f ms",
                times[250],
                times[495]
            )
        )
    }

    private func filter(_ log: LongLog) async throws -> Bool {
        let start = ContinuousClock.now
        let found = try await log.tenant.events(where: "actor:\(LongLog.rareActor)", limit: 10_000)
        let filtered = ContinuousClock.now - start
        let scan = ContinuousClock.now
        let expected = try await log.scan(actor: LongLog.rareActor)
        let scanned = ContinuousClock.now - scan
        precondition(found.events.map(\.position) == expected, "the filter and the scan differ")
        let ratio = scanned / filtered
        print(
            "a filter for \(expected.count) of \(log.size) events: "
                + "\(filtered / .milliseconds(1)) ms, the scan \(scanned / .milliseconds(1)) ms, "
                + "ratio \(Int(ratio)), floor \(Int(Self.filterFloor))"
        )
        return ratio >= Self.filterFloor
    }
}
