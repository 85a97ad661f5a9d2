// Ways to name a moment of a tenant's log, each of which means exactly one position.

public import TallyCore
internal import TallyVault

/// A moment in a tenant's log.
public enum Moment: Sendable, Equatable {
    /// Everything recorded at or before a time, which must have passed.
    case time(Instant)
    /// Everything up to the event at a position, that event included.
    case position(Int)
    /// Everything up to the event with an id (32 hexadecimal digits), that event included.
    case event(String)
    /// Everything before the event with an id (32 hexadecimal digits).
    case beforeEvent(String)

    /// Reads `POSITION`, `event:ID`, `before:ID` or a time: RFC 3339 such as `2026-11-20T12:00Z`, a
    /// date, `-2h` or `yesterday 14:00Z`; `nil` for anything else.
    public init?(_ text: String) {
        guard let moment = try? Self.read(text) else { return nil }
        self = moment
    }

    /// As ``init(_:)``, with the reason.
    ///
    /// - Parameters:
    ///   - text: what was typed.
    ///   - now: what relative times count from, µs since 1970.
    /// - Returns: the moment.
    /// - Throws: `invalid` for anything else, with what is missing.
    package static func read(
        _ text: String,
        now: UInt64 = Micros.now()
    ) throws(Problem) -> Moment {
        if let position = Int(text), position >= 0, position < Int(Int64.max) {
            return .position(position)
        }
        if let id = try id(text, after: "event:") { return .event(id) }
        if let id = try id(text, after: "before:") { return .beforeEvent(id) }
        do throws(UTCTime.Refusal) {
            return .time(Instant(micros: try SpokenTime(now: now).micros(text)))
        } catch {
            throw Problem(
                .invalid,
                error == .noZone ? "a time without a zone" : "not a moment",
                hint: error == .noZone
                    ? Remedy(error.advice)
                    : "\(SpokenTime.advice(error)), a position, event:ID or before:ID"
            )
        }
    }

    private static func id(_ text: String, after prefix: String) throws(Problem) -> String? {
        guard text.hasPrefix(prefix) else { return nil }
        guard let id = EventID(text.dropFirst(prefix.count)) else {
            throw Problem(
                .invalid,
                "not an event's id",
                hint: "it has 32 hexadecimal digits: \(.listEvents(query: nil)) shows it"
            )
        }
        return id.hex
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
