// Reading a long log: opening, folding and rebuilding beside a COPY that is only drained.

internal import Foundation
internal import TallyPostgres
internal import TallyReplay
internal import Tallystick

/// Figures of reading.
struct ReadFigures {
    private let site: BenchmarkSite
    private let rounds: Int

    init(_ site: BenchmarkSite, rounds: Int) {
        self.site = site
        self.rounds = rounds
    }

    func run(_ book: inout FigureBook) async throws {
        let log = try await LongLog.make(
            site,
            events: Setting.number("BENCH_EVENTS", 150_000)
        )
        var (open, fold, rebuild): (Pairs, Pairs, Pairs) = ([], [], [])
        for _ in 0..<rounds {
            let drained = try await rate(log) { try await log.drain() }
            let opened = try await rate(log) { try await log.open() }
            open.append((opened, drained))
            fold.append((try await rate(log) { try await log.fold() }, drained))
            rebuild.append((try await rate(log) { try await documents(log) }, opened))
        }
        book.add("read.open", "events/s", against: "COPY drained", open, goal: .atLeast(0.5))
        book.add("read.fold", "events/s", against: "COPY drained", fold, goal: .atLeast(0.35))
        book.add(
            "rebuild.documents",
            "events/s",
            against: "reading and opening",
            rebuild,
            goal: .atLeast(0.6)
        )
        try await trail(log, &book)
    }

    private typealias Pairs = [(ours: Double, arm: Double)]

    private func rate(_ log: LongLog, _ body: () async throws -> Void) async throws -> Double {
        let start = ContinuousClock.now
        try await body()
        return Double(log.size) / ((ContinuousClock.now - start) / .seconds(1))
    }

    private func documents(_ log: LongLog) async throws {
        try await rebuild(BuiltInProjection.documents, log)
    }

    private func rebuild(_ name: String, _ log: LongLog) async throws {
        let rebuild = ProjectionRebuild(
            readers: site.ledger.readers,
            projectors: site.ledger.projectors,
            vault: site.ledger.vault,
            jobs: 2
        )
        _ = try await rebuild.run(name, [log.tenant.id]) { _ in }
    }

    private func trail(_ log: LongLog, _ book: inout FigureBook) async throws {
        try await rebuild(BuiltInProjection.trail, log)
        let bytes = try await site.administrator.withConnection { connection in
            try connection.query("SELECT pg_total_relation_size('tally.event_tag')").integer(0, 0)
        }
        book.add(
            "trail.disk",
            "bytes an event",
            [Double(bytes) / Double(log.size)],
            goal: .atMost(40)
        )
    }
}
