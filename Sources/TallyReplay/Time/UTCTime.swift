// Times as people type them: RFC 3339, a bare date being its first microsecond in UTC.

/// Reads times exactly, without floating point and without a locale.
package enum UTCTime {
    /// µs since 1970 of `2026-11-20`, `2026-11-20T12:00Z`, `…T12:00:30Z`, `…T12:00:30.123456Z` or
    /// any of the last three with an offset such as `+02:00` instead of `Z`.
    ///
    /// - Returns: `nil` for anything else, for dates that do not exist and for times before 1970.
    package static func micros(_ text: String) -> UInt64? {
        signedMicros(text).flatMap { UInt64(exactly: $0) }
    }

    /// Whether the text is a time or a date, of any year from 1 on.
    static func isTime(_ text: String) -> Bool { signedMicros(text) != nil }

    private static func signedMicros(_ text: String) -> Int? {
        var bytes = Array(text.utf8)[...]
        guard let year = number(&bytes, 4), skip("-", &bytes), let month = number(&bytes, 2),
            skip("-", &bytes), let day = number(&bytes, 2),
            let date = daysSince1970(year, month, day)
        else { return nil }
        guard !bytes.isEmpty else { return date * 86_400_000_000 }
        guard skip("T", &bytes), let time = time(&bytes), let offset = offset(&bytes),
            bytes.isEmpty
        else { return nil }
        return date * 86_400_000_000 + time - offset
    }

    /// `Z`, or what a local time is ahead of UTC, in µs.
    private static func offset(_ bytes: inout ArraySlice<UInt8>) -> Int? {
        if skip("Z", &bytes) { return 0 }
        let isAhead = skip("+", &bytes)
        guard isAhead || skip("-", &bytes), let hour = number(&bytes, 2), hour < 24,
            skip(":", &bytes), let minute = number(&bytes, 2), minute < 60
        else { return nil }
        return (isAhead ? 1 : -1) * (hour * 60 + minute) * 60_000_000
    }

    /// µs since midnight.
    private static func time(_ bytes: inout ArraySlice<UInt8>) -> Int? {
        guard let hour = number(&bytes, 2), hour < 24, skip(":", &bytes),
            let minute = number(&bytes, 2), minute < 60
        else { return nil }
        let start = (hour * 60 + minute) * 60
        guard skip(":", &bytes) else { return start * 1_000_000 }
        guard let second = number(&bytes, 2), second < 60 else { return nil }
        guard skip(".", &bytes) else { return (start + second) * 1_000_000 }
        guard let fraction = fraction(&bytes) else { return nil }
        return (start + second) * 1_000_000 + fraction
    }

    /// 1 to 6 digits as µs.
    private static func fraction(_ bytes: inout ArraySlice<UInt8>) -> Int? {
        let digits = bytes.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard (1...6).contains(digits.count), let value = number(&bytes, digits.count) else {
            return nil
        }
        return (digits.count..<6).reduce(value) { value, _ in value * 10 }
    }

    private static func number(_ bytes: inout ArraySlice<UInt8>, _ count: Int) -> Int? {
        guard bytes.count >= count else { return nil }
        var value = 0
        for byte in bytes.prefix(count) {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        bytes.removeFirst(count)
        return value
    }

    private static func skip(_ character: Unicode.Scalar, _ bytes: inout ArraySlice<UInt8>) -> Bool
    {
        guard bytes.first == UInt8(ascii: character) else { return false }
        bytes.removeFirst()
        return true
    }

    private static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int? {
        guard year >= 1, (1...12).contains(month), day >= 1 else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard day <= lengths[month - 1] else { return nil }
        let before = year - 1
        let leapDays =
            before / 4 - before / 100 + before / 400 - (1969 / 4 - 1969 / 100 + 1969 / 400)
        let dayOfYear = lengths.prefix(month - 1).reduce(0, +) + day - 1
        return (year - 1970) * 365 + leapDays + dayOfYear
    }
}
