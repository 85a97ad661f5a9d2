// Ways to name a moment of a tenant's log, each of which means exactly one position.

package import TallyCore

/// A moment in a tenant's log.
public enum Moment: Sendable, Equatable {
    /// Everything recorded at or before a time, µs since 1970; the time must have passed.
    case time(UInt64)
    /// Everything up to the event at a position, that event included.
    case position(Int)
    /// Everything up to the event with an id (32 hexadecimal digits), that event included.
    case event(String)
    /// Everything before the event with an id (32 hexadecimal digits).
    case beforeEvent(String)

    /// Reads `POSITION`, `event:ID`, `before:ID` or a time in RFC 3339 (UTC), such as
    /// `2026-11-20T12:00Z`; `nil` for anything else.
    public init?(_ text: String) {
        if let position = Int(text) {
            guard position >= 0, position < Int(Int64.max) else { return nil }
            self = .position(position)
        } else if let id = Self.id(text, after: "event:") {
            self = .event(id)
        } else if let id = Self.id(text, after: "before:") {
            self = .beforeEvent(id)
        } else if let time = UTCTime.micros(text) {
            self = .time(UInt64(clamping: time))
        } else {
            return nil
        }
    }

    private static func id(_ text: String, after prefix: String) -> String? {
        guard text.hasPrefix(prefix) else { return nil }
        return EventID(String(text.dropFirst(prefix.count))).map(\.hex)
    }
}

/// A moment with what it means: enough for an auditor to check the answer against the chain.
package struct Cut: Sendable {
    /// The number of events that count; the first position that no longer does.
    package let size: Int
    /// The newest event that counts; `nil` before the first.
    package let newest: StoredEvent?
    /// Up to which time nothing can be recorded any more, µs since 1970; for a time only.
    package let closedThrough: UInt64?
}
