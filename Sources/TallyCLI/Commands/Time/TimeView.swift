// Moments and differences as records.

internal import TallyCore
internal import Tallystick

/// Turns what is known of moments into records.
enum TimeView {
    static func record(_ receipt: ResolvedMoment) -> Record {
        Record([
            ("events", .integer(receipt.size)),
            ("position", receipt.position.map { .integer($0) } ?? .absent),
            ("recorded_at", receipt.recordedAt.map { .time($0) } ?? .absent),
            ("event_id", receipt.eventID.map { .text($0) } ?? .absent),
            ("leaf_hash", receipt.leafHash.map { .text($0) } ?? .absent),
            ("closed_through", receipt.closedThrough.map { .time($0) } ?? .absent),
        ])
    }

    static func record(_ change: DocumentChange, whole: Bool) -> Record {
        var fields: [(String, Record.Value)] = [
            ("stream", .text(change.stream)), ("change", .text(change.kind.rawValue)),
            ("from_version", change.before.map { .integer($0.version) } ?? .absent),
            ("to_version", change.after.map { .integer($0.version) } ?? .absent),
            ("members", .text(change.members.joined(separator: " "))),
        ]
        guard whole else { return Record(fields) }
        fields += [
            ("from", change.before.map { json($0) } ?? .absent),
            ("to", change.after.map { json($0) } ?? .absent),
        ]
        return Record(fields)
    }

    private static func json(_ document: Document) -> Record.Value {
        .json(Array(DocumentView.record(document).json.utf8))
    }
}
