// Events of Swift values: what a value encodes to is stored, byte for byte.

internal import Foundation
public import TallyCore
public import TallyStore

extension NewEvent {
    /// Replaces the stream's document with what a value encodes to.
    ///
    /// ```swift
    /// try NewEvent.put("billing/invoice/2041", type: "invoice.created", encoding: invoice)
    /// ```
    ///
    /// - Parameters:
    ///   - stream: the stream.
    ///   - type: the event's type.
    ///   - value: encoded with sorted keys and times as ISO 8601; what is personal does not belong
    ///     into it.
    ///   - personal: values by `SUBJECT` or `SUBJECT#CLASS`, each sealed under its subject's own
    ///     key.
    /// - Returns: the event.
    /// - Throws: `invalid` for a value that has no JSON, such as a number that is not finite.
    public static func put(
        _ stream: String,
        type: String,
        encoding value: some Encodable,
        personal: Sections<any Encodable & Sendable> = [:]
    ) throws(Problem) -> NewEvent {
        try NewEvent(.put, stream: stream, type: type, encoding: value, personal: personal)
    }

    /// Merges what a value encodes to into the stream's document (RFC 7396).
    ///
    /// An optional that is `nil` is left out by most encoders, and then changes nothing; to remove
    /// a member encode a null, or use ``patch(_:type:data:personal:)``.
    /// - Throws: as ``put(_:type:encoding:personal:)``.
    public static func patch(
        _ stream: String,
        type: String,
        encoding value: some Encodable,
        personal: Sections<any Encodable & Sendable> = [:]
    ) throws(Problem) -> NewEvent {
        try NewEvent(.patch, stream: stream, type: type, encoding: value, personal: personal)
    }

    /// Records what a value encodes to as a fact that changes no document.
    ///
    /// - Throws: as ``put(_:type:encoding:personal:)``.
    public static func note(
        _ stream: String,
        type: String,
        encoding value: some Encodable,
        personal: Sections<any Encodable & Sendable> = [:]
    ) throws(Problem) -> NewEvent {
        try NewEvent(.note, stream: stream, type: type, encoding: value, personal: personal)
    }

    private init(
        _ operation: EventOperation,
        stream: String,
        type: String,
        encoding value: some Encodable,
        personal: Sections<any Encodable & Sendable>
    ) throws(Problem) {
        var sections = Sections<[UInt8]>()
        for section in personal { sections.append(section.key, try Self.json(section.value)) }
        self.init(
            operation,
            stream: stream,
            type: type,
            data: try Self.json(value),
            personal: sections
        )
    }

    private static func json(_ value: some Encodable) throws(Problem) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        do {
            return Array(try encoder.encode(value))
        } catch {
            // Not the encoder's words: they can quote the value.
            throw Problem(
                .invalid,
                "a value of type \(Swift.type(of: value)) has no JSON",
                hint: "encode finite numbers and text only"
            )
        }
    }
}
