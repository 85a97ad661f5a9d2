// The grammar of RFC 3339 times, byte by byte.

/// A cursor over the text of a time.
struct TimeReader {
    private var bytes: ArraySlice<UInt8>

    init(_ text: String) {
        bytes = Array(text.utf8)[...]
    }

    /// µs since 1970; `nil` for what is not RFC 3339.
    mutating func moment() throws(UTCTime.Refusal) -> Int64? {
        guard let year = number(4), skip("-"), let month = number(2), skip("-"),
            let day = number(2), let date = CalendarDay(year, month, day)
        else { return nil }
        let start = date.daysSince1970 * UTCTime.microsOfDay
        guard !bytes.isEmpty else { return Int64(start) }
        guard skip("T", "t", " "), let time = clock() else { return nil }
        guard !bytes.isEmpty else { throw .noZone }
        guard let offset = offset(), bytes.isEmpty else { return nil }
        let micros = start + time.micros - offset
        guard !time.isLeapSecond || Self.startsMonth(micros) else { return nil }
        return Int64(micros)
    }

    /// Whether it is in the first second of a month.
    private static func startsMonth(_ micros: Int) -> Bool {
        let (days, time) = UTCTime.days(micros)
        return time < 1_000_000 && CalendarDay(daysSince1970: days).day == 1
    }

    /// µs since midnight.
    private mutating func clock() -> (micros: Int, isLeapSecond: Bool)? {
        guard let hour = number(2), hour < 24, skip(":"), let minute = number(2), minute < 60
        else { return nil }
        let start = (hour * 60 + minute) * 60
        guard skip(":") else { return (start * 1_000_000, false) }
        guard let second = number(2), second <= 60 else { return nil }
        let whole = (start + second) * 1_000_000
        guard skip(".") else { return (whole, second == 60) }
        guard let fraction = fraction() else { return nil }
        return (whole + fraction, second == 60)
    }

    /// 1 to 9 digits as µs, rounded down.
    private mutating func fraction() -> Int? {
        let digits = bytes.prefix { Self.digits.contains($0) }.count
        guard (1...9).contains(digits), let value = number(digits) else { return nil }
        let nanoseconds = (digits..<9).reduce(value) { value, _ in value * 10 }
        return nanoseconds / 1000
    }

    /// `Z`, or what a local time is ahead of UTC, in µs.
    private mutating func offset() -> Int? {
        if skip("Z", "z") { return 0 }
        let isAhead = skip("+")
        guard isAhead || skip("-"), let hour = number(2), hour < 24, skip(":"),
            let minute = number(2), minute < 60
        else { return nil }
        return (isAhead ? 1 : -1) * (hour * 60 + minute) * 60_000_000
    }

    private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")

    private mutating func number(_ count: Int) -> Int? {
        let text = bytes.prefix(count)
        guard text.count == count, text.allSatisfy({ Self.digits.contains($0) }) else {
            return nil
        }
        bytes.removeFirst(count)
        return text.reduce(0) { $0 * 10 + Int($1 - Self.digits.lowerBound) }
    }

    private mutating func skip(_ characters: Unicode.Scalar...) -> Bool {
        guard let byte = bytes.first, characters.contains(where: { $0.value == byte }) else {
            return false
        }
        bytes.removeFirst()
        return true
    }
}
