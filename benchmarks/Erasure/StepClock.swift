// When an erasure has got how far.

internal import Synchronization
internal import Tallystick

/// When the steps of a run were reached.
final class StepClock: Sendable {
    private let start = ContinuousClock.now
    private let times = Mutex<[ErasureStep: ContinuousClock.Instant]>([:])

    func reach(_ step: ErasureStep) {
        let now = ContinuousClock.now
        times.withLock { $0[step] = now }
    }

    func millisecondsUntil(_ step: ErasureStep) -> Double {
        let reached = times.withLock { $0[step] ?? .now }
        return (reached - start) / .milliseconds(1)
    }
}
