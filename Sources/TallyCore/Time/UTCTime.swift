// Times as people and other systems write them: RFC 3339, a bare date being its first microsecond
// in UTC. Read exactly, without floating point and without a locale.

/// Reads and writes times of the years 1 to 9999 as signed µs since 1970.
package enum UTCTime {
    /// Why a text is no time.
    package enum Refusal: Error, Sendable, Equatable {
        /// It has no `Z` and no offset, so that nobody can say which moment it means.
        case noZone
        /// It is not RFC 3339, names a date that does not exist, or is outside years 1 to 9999.
        case notATime

        /// What to do about it, for a hint.
        package var advice: String {
            switch self {
            case .noZone: "name the zone: end it with Z for UTC, or an offset such as +01:00"
            case .notATime: "give RFC 3339, as in 2026-11-20T12:00:00Z, or a date"
            }
        }
    }

    /// µs since 1970 of `2026-11-20`, `2026-11-20T12:00Z`, `…T12:00:30Z` or
    /// `…T12:00:30.123456789Z`.
    ///
    /// `T` may be a `t` or a space, `Z` a `z` or an offset such as `+02:00`; up to nine digits may
    /// follow the seconds. What is finer than a microsecond is rounded down. A leap second,
    /// 23:59:60 in UTC at the end of a month, is the second after it, as no day of 1970-based time
    /// has one.
    /// - Returns: µs since 1970, negative before it.
    package static func read(_ text: String) throws(Refusal) -> Int64 {
        var reader = TimeReader(text)
        guard let micros = try reader.moment(), OccurredAt.range.contains(micros) else {
            throw .notATime
        }
        return micros
    }

    /// As ``read(_:)``; `nil` for what is no time.
    package static func micros(_ text: String) -> Int64? { try? read(text) }

    /// RFC 3339 in UTC with six digits of a second; years from 10000 on have more digits than four.
    package static func text(_ micros: Int64) -> String {
        let (days, rest) = days(Int(micros))
        let day = CalendarDay(daysSince1970: days)
        let (seconds, fraction) = (rest / 1_000_000, rest % 1_000_000)
        let date = "\(padded(day.year, 4))-\(padded(day.month, 2))-\(padded(day.day, 2))"
        let (hour, minute) = (seconds / 3600, seconds / 60 % 60)
        let time = "\(padded(hour, 2)):\(padded(minute, 2)):\(padded(seconds % 60, 2))"
        return "\(date)T\(time).\(padded(fraction, 6))Z"
    }

    package static let microsOfDay = 86_400_000_000

    /// Whole days since 1970 and the µs since midnight, which are never negative.
    package static func days(_ micros: Int) -> (days: Int, rest: Int) {
        let (days, rest) = micros.quotientAndRemainder(dividingBy: microsOfDay)
        return rest < 0 ? (days - 1, rest + microsOfDay) : (days, rest)
    }

    private static func padded(_ number: Int, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }
}
