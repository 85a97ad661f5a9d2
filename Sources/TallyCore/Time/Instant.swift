// A moment as callers see it: the unit of the whole project, which no calendar or zone changes.

/// A moment, exact to the microsecond.
///
/// A `Date` counts in binary fractions of a second; the ledger's clock gives every event of a
/// tenant a time of its own, and two of them may be one microsecond apart.
public struct Instant: Sendable, Hashable {
    /// µs since 1970-01-01T00:00:00Z; negative before it.
    public let microsecondsSince1970: Int64

    /// The moment so many µs after the beginning of 1970 in UTC.
    public init(microsecondsSince1970: Int64) {
        self.microsecondsSince1970 = microsecondsSince1970
    }

    /// A moment of the ledger's clock.
    package init(micros: UInt64) {
        self.init(microsecondsSince1970: Int64(clamping: micros))
    }

    /// The moment as the ledger's clock counts it; 0 for one before 1970.
    package var micros: UInt64 { UInt64(clamping: microsecondsSince1970) }
}

extension Instant: LosslessStringConvertible {
    /// Reads RFC 3339 with a zone, as in `2026-11-20T12:00:00.123456Z`, or a date for its beginning
    /// in UTC; `nil` for anything else.
    public init?(_ text: String) {
        guard let micros = UTCTime.micros(text) else { return nil }
        self.init(microsecondsSince1970: micros)
    }

    /// RFC 3339 in UTC with six digits of a second.
    public var description: String { UTCTime.text(microsecondsSince1970) }
}

extension Instant: Comparable {
    /// Whether one moment is before another.
    public static func < (left: Instant, right: Instant) -> Bool {
        left.microsecondsSince1970 < right.microsecondsSince1970
    }

    /// The moment a while after another, or before it for a negative while.
    ///
    /// What is finer than a microsecond is rounded toward zero; what no `Int64` can hold is the
    /// first or the last moment.
    public static func + (instant: Instant, duration: Duration) -> Instant {
        let (seconds, attoseconds) = duration.components
        let whole = seconds.multipliedReportingOverflow(by: 1_000_000)
        let micros = whole.partialValue.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        let sum = instant.microsecondsSince1970.addingReportingOverflow(micros.partialValue)
        guard !whole.overflow, !micros.overflow, !sum.overflow else {
            return Instant(microsecondsSince1970: seconds < 0 ? .min : .max)
        }
        return Instant(microsecondsSince1970: sum.partialValue)
    }

    /// The moment a while before another.
    public static func - (instant: Instant, duration: Duration) -> Instant {
        instant + (.zero - duration)
    }

    /// How long it is from one moment to another.
    public static func - (later: Instant, earlier: Instant) -> Duration {
        .microseconds(later.microsecondsSince1970 - earlier.microsecondsSince1970)
    }
}

extension Instant: Codable {
    /// Reads what ``encode(to:)`` writes.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let instant = Instant(text) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "not a time of RFC 3339 with a zone"
            )
        }
        self = instant
    }

    /// Writes ``description``.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
