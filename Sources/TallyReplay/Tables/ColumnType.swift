// The types of columns, and how a JSON value becomes a value of one: exactly, or not at all.

internal import TallyCore

/// A PostgreSQL type that a column may have.
public enum ColumnType: String, Sendable, CaseIterable {
    /// A JSON string.
    case text
    /// A JSON number without fraction and exponent.
    case bigint
    /// Any JSON number, with every digit it has.
    case numeric
    /// `true` or `false`.
    case boolean
    /// A string with an RFC 3339 time, offset included.
    case timestamptz
    /// A string as in `2026-11-20`.
    case date
    /// A string of 36 characters (RFC 9562).
    case uuid
    /// Any JSON value.
    case jsonb

    /// The value as PostgreSQL reads it; `nil` for one that is not of this type.
    func text(of value: JSONValue) -> String? {
        switch self {
        case .text: value.stringValue
        case .bigint: value.int64Value.map { String($0) }
        case .numeric: value.numberValue.flatMap { Self.isStorable($0) ? $0.text : nil }
        case .boolean: value.boolValue.map { $0 ? "true" : "false" }
        case .timestamptz: value.stringValue.flatMap { Self.time($0) }
        case .date: value.stringValue.flatMap { Self.isDate($0) ? $0 : nil }
        case .uuid: value.stringValue.flatMap { Self.isUUID($0) ? $0 : nil }
        case .jsonb:
            Self.isStorable(value) ? String(decoding: value.canonical(), as: UTF8.self) : nil
        }
    }

    /// The largest exponent that leaves room for all digits of a number in PostgreSQL's numeric,
    /// which ends at 131,072 digits before the point and 16,383 behind it.
    private static let largestExponent = 15_000

    private static func isStorable(_ number: JSONNumber) -> Bool {
        guard let mark = number.text.firstIndex(where: { $0 == "e" || $0 == "E" }) else {
            return true
        }
        let exponent = Int(number.text[number.text.index(after: mark)...])
        return exponent.map { abs($0) <= largestExponent } ?? false
    }

    private static func isStorable(_ value: JSONValue) -> Bool {
        switch value {
        case .number(let number): isStorable(number)
        case .array(let items): items.allSatisfy { isStorable($0) }
        case .object(let object): object.members.allSatisfy { isStorable($0.value) }
        case .null, .bool, .string: true
        }
    }

    /// A time, but no bare date, in our own words: PostgreSQL reads fewer forms, and rounds up.
    private static func time(_ text: String) -> String? {
        text.utf8.count == 10 ? nil : UTCTime.micros(text).map { UTCTime.text($0) }
    }

    private static func isDate(_ text: String) -> Bool {
        text.utf8.count == 10 && UTCTime.micros(text) != nil
    }

    private static func isUUID(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 36 else { return false }
        return bytes.enumerated().allSatisfy { index, byte in
            [8, 13, 18, 23].contains(index)
                ? byte == UInt8(ascii: "-") : Character(UnicodeScalar(byte)).isHexDigit
        }
    }
}
