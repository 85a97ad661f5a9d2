// A day of the Gregorian calendar, counted from 1970 on and back to year 1, without a locale.

/// A day of a year from 1 to 9999 (and beyond, where a stored time says so).
package struct CalendarDay: Equatable {
    package let year: Int
    /// 1 to 12.
    package let month: Int
    /// 1 to 31.
    package let day: Int

    /// The day of that date; `nil` for one that does not exist.
    package init?(_ year: Int, _ month: Int, _ day: Int) {
        guard year >= 1, (1...12).contains(month),
            (1...Self.lengths(year)[month - 1]).contains(day)
        else { return nil }
        (self.year, self.month, self.day) = (year, month, day)
    }

    /// The day so many days after 1970-01-01, which is not before year 1.
    package init(daysSince1970 days: Int) {
        // Years of 365.2425 days, counted from 0001-01-01; the estimate is never more than one off.
        let sinceYear1 = days - Self.daysSince1970(startOf: 1)
        var year = sinceYear1 * 10_000 / 3_652_425 + 1
        while Self.daysSince1970(startOf: year + 1) <= days { year += 1 }
        while Self.daysSince1970(startOf: year) > days { year -= 1 }
        var (month, rest) = (1, days - Self.daysSince1970(startOf: year))
        for length in Self.lengths(year) {
            guard rest >= length else { break }
            rest -= length
            month += 1
        }
        (self.year, self.month, day) = (year, month, rest + 1)
    }

    /// Days since 1970-01-01; negative before it.
    package var daysSince1970: Int {
        Self.daysSince1970(startOf: year) + Self.lengths(year).prefix(month - 1).reduce(0, +) + day
            - 1
    }

    private static func daysSince1970(startOf year: Int) -> Int {
        let before = year - 1
        let leapDays = before / 4 - before / 100 + before / 400
        return (year - 1970) * 365 + leapDays - (1969 / 4 - 1969 / 100 + 1969 / 400)
    }

    private static func lengths(_ year: Int) -> [Int] {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    }
}
