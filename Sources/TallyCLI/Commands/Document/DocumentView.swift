// A document as a record.

internal import TallyCore
internal import Tallystick

/// Turns documents into records.
enum DocumentView {
    static func record(_ document: Document) -> Record {
        Record([
            ("stream", .text(document.stream)), ("version", .integer(document.version)),
            ("position", .integer(document.position)), ("data", .json(Array(document.data.utf8))),
            ("personal", personal(document)), ("erased_parts", .integer(document.erasedParts)),
        ])
    }

    private static func personal(_ document: Document) -> Record.Value {
        guard !document.personal.isEmpty else { return .absent }
        let members = document.personal
            .map { "\(Record.quote($0.key)):\($0.value)" }
        return .json(Array("{\(members.joined(separator: ","))}".utf8))
    }
}
