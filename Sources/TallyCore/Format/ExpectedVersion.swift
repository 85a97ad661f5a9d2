// Optimistic concurrency: what a caller believes a stream's version to be.

/// The version a stream must have for an append to be accepted.
public enum ExpectedVersion: Sendable, Hashable {
    /// Any version, or no stream at all.
    case any
    /// The stream has no event yet.
    case noStream
    /// The stream's last event has this version, 1 or more.
    case version(Int)

    /// As a number: -1 any, 0 no stream, else the version.
    package var rawValue: Int64 {
        switch self {
        case .any: -1
        case .noStream: 0
        case .version(let version): Int64(version)
        }
    }

    /// Whether a stream at `current` (0 when it has no event) satisfies this.
    package func accepts(_ current: Int) -> Bool {
        switch self {
        case .any: true
        case .noStream: current == 0
        case .version(let version): current == version
        }
    }
}
