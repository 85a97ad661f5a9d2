// Envelopes and personal sections as the vectors' fields describe them.
// Shared by the suites for plaintexts.

import TallyCore
import TallyTesting
import Testing

extension VectorEntry {
    /// The envelope of these fields.
    func envelope() throws -> Envelope {
        try Envelope(
            operation: numbered("operation"),
            stream: text("stream"),
            type: text("type"),
            actor: text("actor"),
            onBehalfOf: text("on_behalf_of"),
            occurredAt: occurredAt(),
            correlation: text("correlation"),
            causation: text("causation"),
            data: partData()
        )
    }

    /// Version 1 has the field itself, version 2 says what it counts back from.
    private func occurredAt() throws -> OccurredAt {
        switch try integer("version", as: Int.self) {
        case 1: try OccurredAt(version1: integer("occurred_at"))
        default: try OccurredAt(integer("occurred_at"))
        }
    }

    /// The personal section of these fields.
    func personal() throws -> Personal {
        let name = try PersonalName(
            subject: text("subject"),
            retentionClass: text("retention_class")
        )
        return try Personal(name: name, data: partData())
    }

    private func partData() throws -> PartData {
        try PartData(
            encoding: numbered("encoding"),
            size: integer("data_size"),
            bytes: bytes("data")
        )
    }
}
