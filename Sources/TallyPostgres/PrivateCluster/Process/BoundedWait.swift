// Waiting for a condition of the outside world (a process, a lock, a file) with a bound.
// Every wait of the private cluster goes through here.

import Glibc

/// Polls a condition until it holds or its time is up.
package enum BoundedWait {
    private static let firstPause: UInt32 = 500
    private static let longestPause: UInt32 = 20_000

    /// Returns true as soon as `condition` holds, and false when `limit` has passed before.
    package static func holds(within limit: Duration, _ condition: () -> Bool) -> Bool {
        let deadline = ContinuousClock.now + limit
        var pause = firstPause
        while !condition() {
            guard ContinuousClock.now < deadline else { return false }
            usleep(pause)
            pause = min(pause * 2, longestPause)
        }
        return true
    }
}
