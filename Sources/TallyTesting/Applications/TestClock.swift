// The time that a ledger's process believes, for tests of what depends on it.

internal import Synchronization
public import Tallystick

/// A clock that a test sets.
///
/// Deadlines, the time that a signature counts, the age of key epochs and the review of holds
/// follow it. The times of events do so within limits: they never run backwards, and PostgreSQL
/// refuses events of a process whose clock is more than two seconds ahead of its own.
public final class TestClock: Sendable {
    private let instant: Mutex<Instant>

    /// A clock that stands still at a moment.
    public init(at instant: Instant) {
        self.instant = Mutex(instant)
    }

    /// What it says.
    public var now: Instant { instant.withLock { $0 } }

    /// Moves it on, or back by a negative duration.
    public func advance(by duration: Duration) {
        instant.withLock { $0 = $0 + duration }
    }
}
