// Moments of the ledger and dates of Foundation.

public import Foundation
public import TallyCore
public import TallyReplay

extension Instant {
    /// The moment of a date, rounded to the microsecond.
    public init(_ date: Date) {
        let micros = (date.timeIntervalSince1970 * 1_000_000).rounded()
        self.init(microsecondsSince1970: Int64(exactly: micros) ?? (micros < 0 ? .min : .max))
    }

    /// The date of the moment, whose binary fraction is at most half a microsecond away.
    public var date: Date { Date(timeIntervalSince1970: Double(microsecondsSince1970) / 1_000_000) }
}

extension Moment {
    /// Everything recorded at or before a date, which must have passed.
    public static func date(_ date: Date) -> Moment { .time(Instant(date)) }
}
