// What commands give the renderer: named values in order, before any form.

internal import TallyCore
internal import TallyReplay

/// One row or object of a command's output.
struct Record {
    /// A value with the meaning that the forms need.
    enum Value {
        case text(String)
        case integer(Int)
        /// Shown in RFC 3339, UTC.
        case time(Instant)
        /// JSON text of ours or of a caller, already checked.
        case json([UInt8])
        case absent
    }

    let fields: [(name: String, value: Value)]

    init(_ fields: [(String, Value)]) {
        self.fields = fields.map { (name: $0.0, value: $0.1) }
    }

    /// The record as a JSON object, its values verbatim and its fields in order.
    var json: String {
        let members = fields.map { "\(Self.quote($0.name)):\($0.value.json)" }
        return "{\(members.joined(separator: ","))}"
    }

    /// JSON in one line, for a record is one: strings have no line breaks, so each is a blank.
    fileprivate static func line(_ json: [UInt8]) -> String {
        let breaks = [UInt8(ascii: "\n"), UInt8(ascii: "\r")]
        return String(
            decoding: json.map { breaks.contains($0) ? UInt8(ascii: " ") : $0 },
            as: UTF8.self
        )
    }

    static func quote(_ text: String) -> String {
        String(decoding: JSONValue.string(JSONString(text)).canonical(), as: UTF8.self)
    }
}

extension Record.Value {
    /// A time of the ledger's own clock, µs since 1970.
    static func time(_ micros: UInt64) -> Self { .time(Instant(micros: micros)) }

    fileprivate var json: String {
        switch self {
        case .text(let text): Record.quote(text)
        case .integer(let number): String(number)
        case .time(let time): "\"\(time)\""
        case .json(let bytes): Record.line(bytes)
        case .absent: "null"
        }
    }

    /// Whether a table may cut it short: texts and JSON, but no number, time or id.
    var isFlexible: Bool {
        switch self {
        case .text(let text): !(text.utf8.count >= 32 && text.allSatisfy(\.isHexDigit))
        case .json: true
        case .integer, .time, .absent: false
        }
    }

    /// The value in one cell.
    var cell: String {
        switch self {
        case .text(let text): text
        case .integer(let number): String(number)
        case .time(let time): time.description
        case .json(let bytes): String(decoding: bytes, as: UTF8.self)
        case .absent: ""
        }
    }
}
