// One NDJSON line as an event: the field names are those of the flags.

internal import TallyCore
internal import TallyReplay
internal import Tallystick

/// Reads `{"stream":…,"type":…,"operation":…,"data":…,"personal":{…},…}`.
///
/// Data and sections are kept as their bytes stand in the line, so that an event given by flags and
/// the same event in a line are one request.
enum EventLine {
    /// The names of the fields, in the order in which help tells them.
    static let fields = [
        "stream", "type", "operation", "data", "personal", "actor", "on_behalf_of",
        "occurred_at", "correlation", "causation", "expect", "request",
    ]
    private static let known = Set(fields.map { ByteText($0) })

    /// The event and its request id, if the line has one.
    ///
    /// - Throws: ``Problem`` `invalid`, with a JSON pointer into the line.
    static func read(_ line: [UInt8]) throws(Problem) -> (event: NewEvent, request: String?) {
        let object = try outline(line)
        for member in object.members where !known.contains(member.key) {
            throw Problem(
                .invalid,
                "no field is named \(member.key.escaped(upTo: InputLimits.shownNameCharacters))",
                hint: "the fields are \(fields.joined(separator: ", "))"
            )
        }
        guard let operation = EventArguments.operation(try text(object, "operation") ?? "put")
        else {
            throw refusal("no such operation", "operation", "use put, patch, delete or note")
        }
        var event = NewEvent(
            operation,
            stream: try text(object, "stream") ?? "",
            type: try text(object, "type") ?? "",
            data: object["data"].map { Array($0) },
            personal: try personal(object)
        )
        event.actor = try text(object, "actor") ?? ""
        event.onBehalfOf = try text(object, "on_behalf_of") ?? ""
        event.correlation = try text(object, "correlation") ?? ""
        event.causation = try text(object, "causation") ?? ""
        event.occurredAt = try time(object)
        event.expecting = try expectation(object)
        return (event, try text(object, "request"))
    }

    private static func outline(_ line: [UInt8]) throws(Problem) -> JSONOutline {
        do throws(JSONError) {
            if let outline = try JSONOutline(line) { return outline }
        } catch {
            throw Problem(
                error.code == .tooLarge ? .tooLarge : .invalid,
                "not a JSON object: \(error)",
                hint: error.code == .byteOrderMark
                    ? "save the file as UTF-8 without a byte order mark"
                    : "one line is one event in JSON",
                pointer: error.redactedPointer
            )
        }
        throw Problem(.invalid, "not a JSON object", hint: "one line is one event in JSON")
    }

    /// The value of a field; `nil` where it is absent or null.
    private static func value(
        _ object: JSONOutline,
        _ name: String
    ) throws(Problem) -> JSONValue? {
        guard let bytes = object[ByteText(name)] else { return nil }
        do throws(JSONError) {
            let value = try JSONReader.parse(Array(bytes))
            return value == .null ? nil : value
        } catch {
            // Not reached: the line was checked whole.
            throw refusal("not JSON: \(error)", name, "correct it")
        }
    }

    private static func text(_ object: JSONOutline, _ name: String) throws(Problem) -> String? {
        guard let value = try value(object, name) else { return nil }
        guard let text = value.stringValue else {
            throw refusal("not a text", name, "give it in quotes")
        }
        return text
    }

    private static func personal(_ object: JSONOutline) throws(Problem) -> Sections<[UInt8]> {
        guard let bytes = object["personal"], Array(bytes) != Array("null".utf8) else { return [:] }
        let sections: JSONOutline?
        do throws(JSONError) {
            sections = try JSONOutline(Array(bytes))
        } catch {
            // Not reached: the line was checked whole.
            throw refusal("not JSON: \(error)", "personal", "correct it")
        }
        guard let sections else {
            throw refusal("not an object", "personal", "give {\"SUBJECT\": JSON, …}")
        }
        return Sections(
            sections.members.lazy.map { (key: $0.key.string, value: Array($0.value)) }
        )
    }

    private static func time(_ object: JSONOutline) throws(Problem) -> Instant? {
        guard let text = try text(object, "occurred_at") else { return nil }
        do throws(UTCTime.Refusal) {
            return Instant(microsecondsSince1970: try UTCTime.read(text))
        } catch {
            throw refusal("not a time", "occurred_at", error.advice)
        }
    }

    private static func expectation(_ object: JSONOutline) throws(Problem) -> ExpectedVersion {
        guard let value = try value(object, "expect") else { return .any }
        let text = value.stringValue ?? value.uint64Value.map(String.init)
        guard let text, let expected = EventArguments.expectation(text) else {
            throw refusal("not a version", "expect", "give a number from 1, \"none\" or \"any\"")
        }
        return expected
    }

    private static func refusal(_ what: String, _ field: String, _ hint: String) -> Problem {
        Problem(.invalid, what, hint: Remedy(hint), pointer: "/\(field)")
    }
}
