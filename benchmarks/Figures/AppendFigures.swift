// The write path beside plain one-row inserts: rates at several costs of a commit, processor time,
// bytes written and bytes kept.

internal import Foundation
internal import TallyPostgres
internal import Tallystick

/// Figures of appending one event a request, with callers' ids.
struct AppendFigures {
    private let site: BenchmarkSite
    private let rounds: Int
    private let seconds: Double

    init(_ site: BenchmarkSite, rounds: Int, seconds: Double) {
        self.site = site
        self.rounds = rounds
        self.seconds = seconds
    }

    func run(_ book: inout FigureBook) async throws {
        for (name, delay, goal) in [("as is", 0, 6.0), ("+0.4 ms", 400, 9), ("+1 ms", 1000, 12)] {
            try await delayCommits(by: delay)
            let pairs = try await measure()
            book.add(
                "append.rate, \(name)",
                "events/s",
                against: "one-row INSERTs over 4 connections",
                pairs.map { ($0.sealed.measure.rate, $0.plain.measure.rate) },
                goal: .atLeast(goal)
            )
            if delay == 0 { costs(pairs, &book) }
        }
        try await delayCommits(by: 0)
        try await disk(&book)
    }

    private typealias Round = (measure: Measure, walBytes: Double)
    private typealias Pair = (plain: Round, sealed: Round)

    private func measure() async throws -> [Pair] {
        var pairs: [Pair] = []
        for _ in 0..<rounds {
            let plain = try await logged { try await PlainInsertArm(site).measure(seconds: $0) }
            let sealed = try await logged { try await AppendArm(site).measure(seconds: $0) }
            pairs.append((plain, sealed))
        }
        return pairs
    }

    private func logged(_ body: (Double) async throws -> Measure) async throws -> Round {
        let before = try await number("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")
        let measure = try await body(seconds)
        let after = try await number("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")
        return (measure, (after - before) / (measure.rate * seconds))
    }

    private func costs(_ pairs: [Pair], _ book: inout FigureBook) {
        let sealed = pairs.map(\.sealed.measure.cost)
        let cost = CPUTime(
            client: sealed.map(\.client).median,
            server: sealed.map(\.server).median
        )
        let arm = "one-row INSERTs over 4 connections"
        let parts: [(String, KeyPath<CPUTime, Double>, Double)] = [
            ("append.cpu", \.sum, 5), ("append.client", \.client, 4),
        ]
        for (name, part, goal) in parts {
            book.add(
                name,
                "µs an event",
                against: arm,
                pairs.map {
                    ($0.sealed.measure.cost[keyPath: part], $0.plain.measure.cost[keyPath: part])
                },
                goal: .atLeast(goal),
                cost: cost,
                ratio: { $1 / $0 }
            )
        }
        book.add(
            "append.wal",
            "bytes an event",
            against: arm,
            pairs.map { ($0.sealed.walBytes, $0.plain.walBytes) },
            goal: .atMost(900),
            walBytes: pairs.map(\.sealed.walBytes).median,
            ratio: { ours, _ in ours }
        )
    }

    private func disk(_ book: inout FigureBook) async throws {
        let bytes = try await number(
            "SELECT pg_total_relation_size('tally.event')::float8 / count(*) FROM tally.event"
        )
        book.add("append.disk", "bytes an event", [bytes], goal: .atMost(640))
    }

    /// Makes every flush of the write-ahead log wait, in both arms, as a slower disk would.
    private func delayCommits(by micros: Int) async throws {
        try await site.administrator.withConnection { connection in
            try connection.execute("ALTER SYSTEM SET commit_siblings = 0")
            try connection.execute("ALTER SYSTEM SET commit_delay = \(micros)")
            try connection.execute("SELECT pg_reload_conf()")
            try connection.execute("CHECKPOINT")
        }
    }

    private func number(_ query: String) async throws -> Double {
        try await site.administrator.withConnection { connection in
            let text = try connection.query("SELECT (\(query))::text").text(0, 0)
            return Double(text) ?? 0
        }
    }
}

extension CPUTime {
    /// Of client and server.
    var sum: Double { client + server }
}
