// One NDJSON line as an event: the field names are those of the flags.

internal import TallyCore
internal import TallyReplay
internal import Tallystick

/// Reads `{"stream":…,"type":…,"operation":…,"data":…,"personal":{…},…}`.
enum EventLine {
    private static let fields: Set<String> = [
        "stream", "type", "operation", "data", "personal", "actor", "on_behalf_of",
        "occurred_at", "correlation", "causation", "expect", "request",
    ]

    /// The event and its request id, if the line has one.
    ///
    /// - Throws: ``Problem`` `invalid`, with a JSON pointer into the line.
    static func read(_ line: [UInt8]) throws(Problem) -> (event: NewEvent, request: String?) {
        let object = try object(line)
        for member in object.members where !fields.contains(member.key.string) {
            throw refusal("a field of no known name", "", "the fields are those of the flags")
        }
        guard let operation = EventArguments.operation(try text(object, "operation") ?? "put")
        else {
            throw refusal("no such operation", "operation", "use put, patch, delete or note")
        }
        var event = NewEvent(
            operation,
            stream: try text(object, "stream") ?? "",
            type: try text(object, "type") ?? "",
            data: object["data"]?.canonical(),
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

    private static func object(_ line: [UInt8]) throws(Problem) -> JSONObject {
        do throws(JSONError) {
            guard let object = try JSONReader.parse(line).objectValue else {
                throw JSONError(code: .invalidSyntax, pointer: "", offset: 0)
            }
            return object
        } catch {
            throw Problem(
                error.code == .tooLarge ? .tooLarge : .invalid,
                "not a JSON object: \(error)",
                hint: "one line is one event in JSON",
                pointer: error.redactedPointer
            )
        }
    }

    private static func text(_ object: JSONObject, _ name: JSONString) throws(Problem) -> String? {
        switch object[name] {
        case nil, .null: return nil
        case .string(let text): return text.string
        default: throw refusal("not a text", name.string, "give it in quotes")
        }
    }

    private static func personal(_ object: JSONObject) throws(Problem) -> [String: [UInt8]] {
        guard let value = object["personal"], value != .null else { return [:] }
        guard let sections = value.objectValue else {
            throw refusal("not an object", "personal", "give {\"SUBJECT\": JSON, …}")
        }
        var personal: [String: [UInt8]] = [:]
        for member in sections.members { personal[member.key.string] = member.value.canonical() }
        guard personal.count == sections.count else {
            throw refusal("one subject twice", "personal", "give one section a subject")
        }
        return personal
    }

    private static func time(_ object: JSONObject) throws(Problem) -> Int64? {
        guard let text = try text(object, "occurred_at") else { return nil }
        do throws(UTCTime.Refusal) {
            return try UTCTime.read(text)
        } catch {
            throw refusal("not a time", "occurred_at", error.advice)
        }
    }

    private static func expectation(_ object: JSONObject) throws(Problem) -> ExpectedVersion {
        guard let value = object["expect"], value != .null else { return .any }
        let text = value.stringValue ?? value.uint64Value.map(String.init)
        guard let text, let expected = EventArguments.expectation(text) else {
            throw refusal("not a version", "expect", "give a number from 1, \"none\" or \"any\"")
        }
        return expected
    }

    private static func refusal(_ what: String, _ field: String, _ hint: String) -> Problem {
        Problem(.invalid, what, hint: hint, pointer: field.isEmpty ? nil : "/\(field)")
    }
}
