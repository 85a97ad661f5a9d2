// An opened event as a record: what is erased or lost is said, never guessed.

internal import Foundation
internal import TallyCore
internal import TallyCrypto
internal import TallyStore
internal import Tallystick

/// Turns events into records.
enum EventView {
    static func record(_ event: OpenedEvent, whole: Bool = false) -> Record {
        var fields: [(String, Record.Value)] = [
            ("position", .integer(event.stored.position)),
            ("recorded_at", .time(event.leaf.recordedAt)),
        ]
        fields += contents(event)
        fields += [
            ("occurred_at", occurredAt(event)),
            ("kind", .text("\(event.leaf.kind)")), ("event_id", .text(event.leaf.eventID.hex)),
        ]
        guard whole else { return Record(fields) }
        fields += [
            ("leaf_hash", .text(event.leafHash.hex)),
            ("previous", .text(event.leaf.previous.hex)),
        ]
        fields += provenance(event)
        return Record(fields)
    }

    private static func contents(_ event: OpenedEvent) -> [(String, Record.Value)] {
        let version = event.stored.version.map { Record.Value.integer($0) } ?? .absent
        switch event.envelope {
        case nil:
            return [
                ("stream", .absent), ("version", .absent), ("type", .text("\(event.leaf.kind)")),
                ("operation", .absent), ("actor", .absent),
                ("data", event.clear.map { .json($0) } ?? .absent), ("personal", .absent),
            ]
        case .content(let envelope):
            // That of a revert is a version in binary, and no JSON.
            let data = envelope.operation == .revert ? [] : envelope.data.text
            return [
                ("stream", .text(envelope.stream)), ("version", version),
                ("type", .text(envelope.type)), ("operation", .text("\(envelope.operation)")),
                ("actor", .text(envelope.actor)), ("data", data.isEmpty ? .absent : .json(data)),
                ("personal", personal(event.sections)),
            ]
        case .erased: return closed("erased", version)
        case .keyLost: return closed("key_lost", version)
        case .damaged: return closed("damaged", version)
        }
    }

    private static func closed(
        _ word: String,
        _ version: Record.Value
    ) -> [(String, Record.Value)] {
        [
            ("stream", .absent), ("version", version), ("type", .text(word)),
            ("operation", .absent), ("actor", .absent), ("data", .absent), ("personal", .absent),
        ]
    }

    private static func occurredAt(_ event: OpenedEvent) -> Record.Value {
        guard case .content(let envelope) = event.envelope else { return .absent }
        return envelope.occurredAt.micros
            .map { .time(Instant(microsecondsSince1970: $0)) } ?? .absent
    }

    private static func provenance(_ event: OpenedEvent) -> [(String, Record.Value)] {
        guard case .content(let envelope) = event.envelope else { return [] }
        func text(_ value: String) -> Record.Value { value.isEmpty ? .absent : .text(value) }
        return [
            ("on_behalf_of", text(envelope.onBehalfOf)),
            ("correlation", text(envelope.correlation)), ("causation", text(envelope.causation)),
            ("reverted_version", Event(event).revertedVersion.map { .integer($0) } ?? .absent),
        ]
    }

    /// The sections by `SUBJECT` or `SUBJECT#CLASS`; closed ones are counted.
    private static func personal(_ sections: [Opened<OpenedSection>]) -> Record.Value {
        guard !sections.isEmpty else { return .absent }
        var members: [String] = []
        var erased = 0
        for section in sections {
            guard case .content(let section) = section else {
                erased += 1
                continue
            }
            let name = section.name
            let key =
                name.retentionClass.isEmpty
                ? name.subject : "\(name.subject)#\(name.retentionClass)"
            members.append(
                "\(Record.quote(key)):\(String(decoding: section.data, as: UTF8.self))"
            )
        }
        if erased > 0 { members.append("\"#erased\":\(erased)") }
        return .json(Array("{\(members.joined(separator: ","))}".utf8))
    }
}
