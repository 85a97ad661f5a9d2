// What a caller's event says, but for its personal sections: the plaintext of part 0.

/// What an event does to its stream's document.
public enum EventOperation: UInt8, Sendable, CaseIterable {
    /// Changes nothing.
    case note = 0
    /// Replaces the document.
    case put = 1
    /// Merges into it (RFC 7396).
    case patch = 2
    /// Removes it.
    case delete = 3
    /// Sets it to what it was at an earlier version.
    case revert = 4
}

/// The plaintext of part 0 of a caller's event.
package struct Envelope: Sendable, Equatable {
    /// What the event does to its document.
    package var operation: EventOperation
    /// The stream, 1 to 1024 bytes.
    package var stream: String
    /// The event's type, 1 to 255 bytes.
    package var type: String
    /// Who acted, 0 to 255 bytes.
    package var actor: String
    /// For whom, 0 to 255 bytes.
    package var onBehalfOf: String
    /// When it happened by the caller's account.
    package var occurredAt: OccurredAt
    /// Up to 64 bytes.
    package var correlation: String
    /// Up to 64 bytes.
    package var causation: String
    /// JSON text; for a revert 8 bytes, the version.
    package var data: PartData

    /// Makes an envelope of its fields.
    package init(
        operation: EventOperation,
        stream: String,
        type: String,
        actor: String = "",
        onBehalfOf: String = "",
        occurredAt: OccurredAt = .notGiven,
        correlation: String = "",
        causation: String = "",
        data: PartData
    ) {
        self.operation = operation
        self.stream = stream
        self.type = type
        self.actor = actor
        self.onBehalfOf = onBehalfOf
        self.occurredAt = occurredAt
        self.correlation = correlation
        self.causation = causation
        self.data = data
    }

    /// The envelope's bytes, padded to a multiple of 32 unless they are compared.
    package func encoded(padded: Bool = true) -> [UInt8] {
        var writer = ByteWriter(capacity: 128 + data.bytes.count)
        writer.write(occurredAt.version)
        writer.write(operation.rawValue)
        writer.write(data.encoding.rawValue)
        writer.write(stream, within: FormatLimits.stream)
        writer.write(type, within: FormatLimits.type)
        writer.write(actor, within: FormatLimits.actor)
        writer.write(onBehalfOf, within: FormatLimits.actor)
        writer.write(occurredAt.field)
        writer.write(correlation, within: FormatLimits.correlation)
        writer.write(causation, within: FormatLimits.correlation)
        data.write(to: &writer)
        if padded { writer.pad() }
        return writer.bytes
    }

    /// Reads a padded envelope.
    package init(decoding bytes: [UInt8]) throws(FormatError) {
        var reader = ByteReader(bytes, structure: "Envelope")
        let version = try reader.byte()
        guard version == 1 || version == 2 else { throw reader.refusal(.version) }
        guard let operation = EventOperation(rawValue: try reader.byte()) else {
            throw reader.refusal(.operation)
        }
        self.operation = operation
        let encoding = try reader.encoding()
        stream = try reader.text(within: FormatLimits.stream)
        type = try reader.text(within: FormatLimits.type)
        actor = try reader.text(within: FormatLimits.actor)
        onBehalfOf = try reader.text(within: FormatLimits.actor)
        let field: UInt64 = try reader.integer()
        guard let claim = version == 1 ? OccurredAt(version1: field) : OccurredAt(version2: field)
        else { throw reader.refusal(.version) }
        occurredAt = claim
        correlation = try reader.text(within: FormatLimits.correlation)
        causation = try reader.text(within: FormatLimits.correlation)
        data = try PartData(encoding: encoding, readingFrom: &reader)
        if operation == .revert {
            guard encoding == .identity else { throw reader.refusal(.encoding) }
            guard data.size == 8 else { throw reader.refusal(.dataSize) }
        } else {
            try data.requireText(reader)
        }
        try reader.endPadded()
    }
}
