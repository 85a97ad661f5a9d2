// What going back costs: against the number of changes in a history of fixed length, against the
// data of other tenants, and for whoever appends meanwhile.

internal import Foundation
internal import Synchronization
internal import TallyReplay
internal import TallyStore
internal import Tallystick

/// Measures restores.
struct RestoreBenchmark {
    private let site: BenchmarkSite
    private let signers: Signers

    init(_ site: BenchmarkSite, _ signers: Signers) {
        self.site = site
        self.signers = signers
    }

    /// Prints each figure.
    func run() async throws {
        let events = Setting.number("BENCH_EVENTS", 1_000_000)
        let small = try await ChangedLog.make(site, streams: 5000, rounds: 2)
        let alone = try await restore(1000, small)
        let long = try await ChangedLog.make(site, streams: max(1000, events / 10), rounds: 10)
        let beside = try await restore(1000, small)
        print(
            "restore of 1000 streams  \(alone) without, \(beside) with \(long.size) events of "
                + "another tenant"
        )
        var changes = 1000
        while changes <= min(long.streams, 100_000) {
            let (quiet, busy) = try await besideAppends(of: small.tenant) {
                try await restore(changes, long)
            }
            print(
                "restore of \(changes) streams in \(long.size) events  \(busy.result)"
                    + "; another tenant's appends p50 \(Self.text(quiet.median)) to "
                    + "\(Self.text(busy.times.median)) ms, p99 \(Self.text(quiet.percentile99)) to "
                    + "\(Self.text(busy.times.percentile99)) ms"
            )
            changes *= 10
        }
    }

    private static func text(_ number: Double) -> String { String(format: "%.1f", number) }

    /// Changes streams and takes that back.
    func restore(_ count: Int, _ log: ChangedLog) async throws -> RestoreFigures {
        let moment = Moment.position(try await site.ledger.registry.find(log.tenant.name).size - 1)
        try await log.change(count)
        let restores = site.ledger.restores
        var start = ContinuousClock.now
        let plan = try await restores.plan(log.tenant, at: moment)
        precondition(plan.steps.count == count)
        let planned = ContinuousClock.now - start
        let request = try await restores.request(plan, by: signers.asking)
        _ = try await site.ledger.decisions.approve(request.id, with: signers.approving)
        start = .now
        let row = try await restores.apply(request.id)
        precondition(row.state == .applied && row.applied == count)
        return RestoreFigures(count: count, plan: planned, apply: ContinuousClock.now - start)
    }

    private typealias Busy = (result: RestoreFigures, times: [Double])

    /// The latencies of single appends in ms, for a second alone and then while `body` runs.
    private func besideAppends(
        of tenant: Tenant,
        _ body: () async throws -> RestoreFigures
    ) async throws -> (quiet: [Double], busy: Busy) {
        let isRunning = Mutex(true)
        func appends(while condition: () -> Bool) async throws -> [Double] {
            var times: [Double] = []
            repeat {
                let start = ContinuousClock.now
                _ = try await tenant.append(.note("bench/probe", type: "probe"))
                times.append((ContinuousClock.now - start) / .milliseconds(1))
            } while condition()
            return times
        }
        let end = ContinuousClock.now + .seconds(1)
        let quiet = try await appends { ContinuousClock.now < end }
        async let busy = appends { isRunning.withLock { $0 } }
        let result = try await body()
        isRunning.withLock { $0 = false }
        return (quiet, (result, try await busy))
    }
}

/// How long one restore took.
struct RestoreFigures: CustomStringConvertible {
    let count: Int
    let plan: Duration
    let apply: Duration

    var seconds: Double { (plan + apply) / .seconds(1) }

    var description: String {
        let each = (plan + apply) / .microseconds(1) / Double(count)
        return
            "plan \(Int(plan / .milliseconds(1))) ms, apply \(Int(apply / .milliseconds(1))) ms, "
            + "\(Int(each)) µs a stream"
    }
}

extension [Double] {
    /// What one in a hundred exceeds.
    var percentile99: Double { sorted()[count * 99 / 100] }
}
