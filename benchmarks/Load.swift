// Runs callers for a while and counts what they got done.

internal import Foundation
internal import Synchronization

/// Repeats `body` in `callers` tasks at once for some seconds; gives completions a second.
func rate(
    callers: Int,
    seconds: Double,
    _ body: @escaping @Sendable (Int) async throws -> Void
) async throws -> Double {
    let start = ContinuousClock.now
    let deadline = start + .seconds(seconds)
    let total = try await withThrowingTaskGroup(of: Int.self) { group in
        for caller in 0..<callers {
            group.addTask {
                var done = 0
                while ContinuousClock.now < deadline {
                    try await body(caller)
                    done += 1
                }
                return done
            }
        }
        return try await group.reduce(0, +)
    }
    return Double(total) / ((ContinuousClock.now - start) / .seconds(1))
}
