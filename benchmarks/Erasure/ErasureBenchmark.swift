// What forgetting costs: rotations over many tenants and over one with many keys, and the erasure
// of one subject in a short log and in a long one.

internal import Foundation
internal import TallyCore
internal import TallyStore
internal import TallyVault
internal import Tallystick

/// Measures rotations and erasures.
struct ErasureBenchmark {
    /// An erasure in the long log may take this many times as long as one in a log of a hundredth.
    private static let growthCeiling = 5.0

    private let site: BenchmarkSite
    private let signers: Signers

    init(_ site: BenchmarkSite, _ signers: Signers) {
        self.site = site
        self.signers = signers
    }

    /// Prints each figure, and gives whether the ceiling is kept.
    func run() async throws -> Bool {
        let isFlat = try await erasures()
        try await rotations()
        return isFlat
    }

    private func rotations() async throws {
        let tenants = Setting.number("BENCH_TENANTS", 100_000)
        try await BulkKeys(site.ledger).add(tenants: tenants)
        let (clean, cleanSeconds) = try await rotate()
        print(
            "rotation of \(clean.tenants) tenants, none dirty  "
                + "\(Self.text(cleanSeconds)) s"
        )
        let count = Setting.number("BENCH_KEYS", 100_000)
        try await BulkKeys(site.ledger).addDirty(keys: count)
        let (dirty, dirtySeconds) = try await rotate()
        print(
            "rotation with \(dirty.keys) keys of dirty tenants  \(Self.text(dirtySeconds)) s, "
                + "\(Self.text(dirtySeconds - cleanSeconds)) s more than without"
        )
    }

    private func rotate() async throws -> (RotationReport, Double) {
        let start = ContinuousClock.now
        let report = try await site.ledger.keys.rotate()
        return (report, (ContinuousClock.now - start) / .seconds(1))
    }

    /// Erases people in both logs in turn, each of whom has as many parts.
    private func erasures() async throws -> Bool {
        let events = Setting.number("BENCH_EVENTS", 1_000_000)
        let long = try await PeopleLog.make(site, events: events)
        let short = try await PeopleLog.make(site, events: max(1000, events / 100))
        var times: (long: [Double], short: [Double]) = ([], [])
        for round in 0..<Setting.number("BENCH_ROUNDS", 5) {
            times.long.append(try await erase(round, long))
            times.short.append(try await erase(round, short))
        }
        let start = ContinuousClock.now
        try await long.scan()
        let scan = (ContinuousClock.now - start) / .milliseconds(1)
        let (slow, quick) = (times.long.median, times.short.median)
        print(
            "erasure of \(PeopleLog.parts) parts in \(short.size) events  "
                + "\(Self.text(quick)) ms without vacuum"
        )
        print(
            "erasure of \(PeopleLog.parts) parts in \(long.size) events  \(Self.text(slow)) ms, "
                + "\(Self.text(slow / quick)) times as long (ceiling \(Self.growthCeiling)), "
                + "a scan of the log alone \(Int(scan)) ms"
        )
        return slow / quick <= Self.growthCeiling
    }

    private func erase(
        _ round: Int,
        _ log: PeopleLog
    ) async throws -> Double {
        let request = try await site.ledger.erasures.request(
            subject: PeopleLog.subject(round),
            of: log.tenant,
            ground: "bench",
            by: signers.asking
        )
        let id = request.id
        _ = try await site.ledger.decisions.approve(id, with: signers.approving)
        let clock = StepClock()
        let row = try await site.ledger.erasures.run(id) { clock.reach($0) }
        precondition(row.purgedParts == PeopleLog.parts)
        return clock.millisecondsUntil(.projectionsFollowed)
    }

    private static func text(_ number: Double) -> String { String(format: "%.1f", number) }
}
