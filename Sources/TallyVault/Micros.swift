// The system clock in the unit of the whole project.

internal import Glibc

/// Microseconds since 1970-01-01T00:00:00Z.
package enum Micros {
    /// The system clock's time now.
    package static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1000
    }
}
