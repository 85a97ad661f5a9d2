// Many requests at a time, a person's section in each, and one caller alone.

internal import Foundation
internal import TallyPostgres
internal import Tallystick

/// Figures of other loads than many callers of one event each.
struct BulkFigures {
    private static let batch = 1000
    private let site: BenchmarkSite
    private let rounds: Int
    private let seconds: Double
    private let number = Counter()

    init(_ site: BenchmarkSite, rounds: Int, seconds: Double) {
        self.site = site
        self.rounds = rounds
        self.seconds = seconds
    }

    func run(_ book: inout FigureBook) async throws {
        try await bulk(&book)
        try await personal(&book)
        try await latency(&book)
    }

    private func bulk(_ book: inout FigureBook) async throws {
        for (name, tenants) in [("one tenant", 1), ("64 tenants", 64)] {
            var pairs: [(Double, Double)] = []
            for _ in 0..<rounds {
                let ours = try await Measure.take(
                    site,
                    callers: min(tenants, 4),
                    seconds: seconds
                ) { try await append(to: site.tenants[(number.next() * 4 + $0) % tenants]) }
                pairs.append((ours.rate * Double(Self.batch), try await copy()))
            }
            book.add(
                "append.bulk, \(name)",
                "events/s",
                against: "binary COPY without checks",
                pairs,
                goal: .atLeast(0.6)
            )
        }
    }

    private func append(to tenant: Tenant) async throws {
        let requests = (0..<Self.batch).map { index in
            AppendRequest(
                [.put("bulk/\(index)", type: "loaded", data: BenchmarkEvent.data)],
                id: "load \(number.next())"
            )
        }
        for result in await tenant.append(requests: requests) { _ = try result.get() }
    }

    /// Rows of the same size by COPY over one connection, a thousand a transaction, in events/s.
    private func copy() async throws -> Double {
        let seconds = seconds
        let rows = CopyRows()
        return try await site.administrator.withConnection { connection in
            let start = ContinuousClock.now
            var count = 0
            while ContinuousClock.now - start < .seconds(seconds) {
                try rows.load(Self.batch, connection)
                count += Self.batch
            }
            return Double(count) / ((ContinuousClock.now - start) / .seconds(1))
        }
    }

    private func personal(_ book: inout FigureBook) async throws {
        for tenant in site.tenants { try await meet(tenant) }
        var pairs: [(Double, Double)] = []
        for _ in 0..<rounds {
            let ours = try await rate { [Self.person($0): Self.section] }
            pairs.append((ours, try await rate { _ in [:] }))
        }
        book.add(
            "append.personal",
            "events/s",
            against: "the same events under the tenant's key only",
            pairs,
            goal: .atLeast(0.7)
        )
    }

    /// 10,000 persons, who are of 64 tenants.
    private static func person(_ number: Int) -> String { "person:\(number % 157)" }
    private static let section = #"{"name":"Ilze Bērziņa"}"#

    /// Makes the keys of a tenant's persons.
    private func meet(_ tenant: Tenant) async throws {
        let requests = (0..<157).map { number in
            AppendRequest(
                [.note("met", type: "met", personal: [Self.person(number): Self.section])],
                id: "met \(number)"
            )
        }
        for result in await tenant.append(requests: requests) { _ = try result.get() }
    }

    private func rate(
        _ sections: @escaping @Sendable (Int) -> Sections<String>
    ) async throws -> Double {
        try await Measure.take(site, callers: AppendArm.callers, seconds: seconds) { caller in
            let number = number.next()
            _ = try await site.tenants[caller % site.tenants.count].append(
                .put(
                    "person/\(caller)",
                    type: "changed",
                    data: BenchmarkEvent.data,
                    personal: sections(number)
                ),
                request: "person \(number)"
            )
        }.rate
    }

    private func latency(_ book: inout FigureBook) async throws {
        var pairs: [(Double, Double)] = []
        for _ in 0..<rounds {
            let ours = try await times(1).median
            pairs.append((ours, try await insertTimes().median))
        }
        book.add(
            "append.latency, p50 of 1 caller",
            "ms",
            against: "one-row INSERT",
            pairs,
            goal: .atMost(1.4)
        )
        for callers in [1, 16, 256] {
            let times = try await times(callers).sorted()
            book.add("append.latency, p99 of \(callers)", "ms", [times[times.count * 99 / 100]])
            book.add("append.latency, p99.9 of \(callers)", "ms", [times[times.count * 999 / 1000]])
        }
    }

    /// The latencies of single appends in ms.
    private func times(_ callers: Int) async throws -> [Double] {
        let log = Times()
        _ = try await Measure.take(site, callers: callers, seconds: seconds) { caller in
            let start = ContinuousClock.now
            _ = try await site.tenants[caller % site.tenants.count].append(
                .put("latency/\(caller)", type: "t", data: BenchmarkEvent.data),
                request: "latency \(number.next())"
            )
            log.add((ContinuousClock.now - start) / .milliseconds(1))
        }
        return log.all
    }

    private func insertTimes() async throws -> [Double] {
        let log = Times()
        _ = try await PlainInsertArm(site).measure(seconds: seconds, connections: 1, log)
        return log.all
    }
}
