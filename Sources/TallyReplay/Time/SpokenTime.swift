// Times as people say them, counted from a clock: -2h, yesterday 14:00Z; all else is RFC 3339.

package import TallyCore
internal import TallyVault

/// Reads the times of flags and queries.
package struct SpokenTime: Sendable {
    private static let microsOf: [Character: Int] = [
        "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": UTCTime.microsOfDay,
        "w": 7 * UTCTime.microsOfDay,
    ]

    /// µs since 1970.
    private let now: Int

    /// Counts from a clock's time, µs since 1970.
    package init(now: UInt64 = Micros.now()) {
        self.now = Int(clamping: now)
    }

    /// µs since 1970 of `now`, `-2h`, `-1d12h`, `+30d`, `today`, `yesterday`, `yesterday 14:00Z`,
    /// or what ``UTCTime/read(_:)`` takes; whatever is before 1970 is 0, as no log is that old.
    ///
    /// Units are w, d, h, m and s. Days begin at midnight in UTC.
    package func micros(_ text: String) throws(UTCTime.Refusal) -> UInt64 {
        if let distance = Self.distance(text) {
            let (sum, isTooLarge) = now.addingReportingOverflow(distance)
            guard !isTooLarge else { throw .notATime }
            return UInt64(clamping: sum)
        }
        let words = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = words.first, let day = day(first) else {
            return UInt64(clamping: try UTCTime.read(text))
        }
        guard words.count > 1 else { return UInt64(clamping: day) }
        let date = UTCTime.text(Int64(day)).prefix(10)
        return UInt64(clamping: try UTCTime.read("\(date) \(words[1])"))
    }

    /// The beginning of a day that has a word.
    private func day(_ word: Substring) -> Int? {
        let midnight = UTCTime.days(now).days * UTCTime.microsOfDay
        switch word {
        case "today": return midnight
        case "yesterday": return midnight - UTCTime.microsOfDay
        default: return nil
        }
    }

    /// The distance from now that a text names, in µs.
    private static func distance(_ text: String) -> Int? {
        if text == "now" { return 0 }
        guard let sign = text.first, sign == "-" || sign == "+" else { return nil }
        var (rest, sum) = (text.dropFirst(), 0)
        repeat {
            let digits = rest.prefix { $0.isASCII && $0.isWholeNumber }
            rest = rest.dropFirst(digits.count)
            guard let count = Int(digits), let unit = rest.popFirst().flatMap({ microsOf[$0] })
            else { return nil }
            let (part, isTooLarge) = count.multipliedReportingOverflow(by: unit)
            let (total, overflows) = sum.addingReportingOverflow(part)
            guard !isTooLarge, !overflows else { return nil }
            sum = total
        } while !rest.isEmpty
        return sign == "-" ? -sum : sum
    }

    /// What to do about a text that was refused.
    package static func advice(_ refusal: UTCTime.Refusal) -> String {
        switch refusal {
        case .noZone: refusal.advice
        case .notATime: "give a time as in 2026-11-20T12:00Z, a date, -2h or yesterday 14:00Z"
        }
    }
}
