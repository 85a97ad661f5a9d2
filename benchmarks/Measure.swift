// Runs callers for a while and measures what they got done and what it cost.

internal import Foundation
internal import Tallystick

/// What an arm achieved in one round.
struct Measure {
    /// Events a second.
    let rate: Double
    /// Processor time an event.
    let cost: CPUTime

    /// Repeats `body` in `callers` tasks at once for some seconds.
    ///
    /// The clock of the cost starts after a first call of each caller, when connections are made
    /// and statements prepared.
    static func take(
        _ site: BenchmarkSite,
        callers: Int,
        seconds: Double,
        _ body: @escaping @Sendable (Int) async throws -> Void
    ) async throws -> Measure {
        _ = try await run(callers: callers, until: .now, body)
        let before = try await CPUTime.now(site)
        let start = ContinuousClock.now
        let count = try await run(callers: callers, until: start + .seconds(seconds), body)
        let elapsed = (ContinuousClock.now - start) / .seconds(1)
        let after = try await CPUTime.now(site)
        return Measure(
            rate: Double(count) / elapsed,
            cost: after.perEvent(since: before, count)
        )
    }

    private static func run(
        callers: Int,
        until deadline: ContinuousClock.Instant,
        _ body: @escaping @Sendable (Int) async throws -> Void
    ) async throws -> Int {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for caller in 0..<callers {
                group.addTask {
                    var done = 0
                    repeat {
                        try await body(caller)
                        done += 1
                    } while ContinuousClock.now < deadline
                    return done
                }
            }
            return try await group.reduce(0, +)
        }
    }
}

extension [Double] {
    /// The middle one, of an even number the upper.
    var median: Double { sorted()[count / 2] }
}
