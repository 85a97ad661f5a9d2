// What a caller submits: one fact about one stream, with its personal sections apart.

public import TallyCore

/// An event as a caller submits it, before it has a place in the log.
///
/// ```swift
/// var event = NewEvent.patch(
///     "billing/invoice/2041", type: "invoice.updated", data: #"{"total":"140.00"}"#,
///     personal: ["customer:8812": #"{"name":"Ilze"}"#])
/// event.expecting = .version(7)
/// ```
///
/// `stream`, `type`, `actor`, `onBehalfOf`, `correlation` and `causation` outlive the erasure of
/// a person: they must be opaque ids, never names or e-mail addresses. What is personal goes
/// into `personal`, where it is sealed under its subject's own key.
public struct NewEvent: Sendable {
    /// The stream: 1 to 1024 bytes of UTF-8 without control characters, as in `crm/contact/42`.
    public var stream: String
    /// The event's type: 1 to 255 bytes, as in `contact.created`.
    public var type: String
    /// What the event does to the stream's document.
    public var operation: EventOperation
    /// JSON text, at most 16 MiB, kept verbatim; `nil` where the operation needs none.
    public var data: [UInt8]?
    /// JSON texts by `SUBJECT` or `SUBJECT#CLASS`, at most 31, no name twice.
    public var personal: Sections<[UInt8]>
    /// Who acted: up to 255 bytes, as in `user:17`.
    public var actor = ""
    /// For whom, up to 255 bytes.
    public var onBehalfOf = ""
    /// When it happened by the caller's account, from year 1 to year 9999.
    public var occurredAt: Instant?
    /// What it belongs to, up to 64 bytes.
    public var correlation = ""
    /// What caused it, up to 64 bytes.
    public var causation = ""
    /// The version the stream must have.
    public var expecting = ExpectedVersion.any
    /// Whether a restore has made it: only these may revert.
    private(set) var isOfRestore = false

    /// Makes an event of its parts; the texts are checked when it is appended.
    public init(
        _ operation: EventOperation,
        stream: String,
        type: String,
        data: [UInt8]? = nil,
        personal: Sections<[UInt8]> = [:]
    ) {
        self.operation = operation
        self.stream = stream
        self.type = type
        self.data = data
        self.personal = personal
    }

    /// Replaces the stream's document.
    public static func put(
        _ stream: String,
        type: String,
        data: String,
        personal: Sections<String> = [:]
    ) -> NewEvent {
        make(.put, stream, type, data, personal)
    }

    /// Merges into the stream's document and into each section named (RFC 7396): a member that is
    /// null is removed, a section that is null as well.
    public static func patch(
        _ stream: String,
        type: String,
        data: String? = nil,
        personal: Sections<String> = [:]
    ) -> NewEvent {
        make(.patch, stream, type, data, personal)
    }

    /// Removes the stream's document.
    public static func delete(
        _ stream: String,
        type: String,
        data: String? = nil,
        personal: Sections<String> = [:]
    ) -> NewEvent {
        make(.delete, stream, type, data, personal)
    }

    /// Records a fact that changes no document.
    public static func note(
        _ stream: String,
        type: String,
        data: String? = nil,
        personal: Sections<String> = [:]
    ) -> NewEvent {
        make(.note, stream, type, data, personal)
    }

    /// Sets the stream's document back to what it was at a version, which is no revert itself.
    package static func revert(_ stream: String, to version: Int, type: String) -> NewEvent {
        let data = (0..<8).map { UInt8(truncatingIfNeeded: version >> (56 - 8 * $0)) }
        var event = NewEvent(.revert, stream: stream, type: type, data: data)
        event.isOfRestore = true
        return event
    }

    private static func make(
        _ operation: EventOperation,
        _ stream: String,
        _ type: String,
        _ data: String?,
        _ personal: Sections<String>
    ) -> NewEvent {
        NewEvent(
            operation,
            stream: stream,
            type: type,
            data: data.map { Array($0.utf8) },
            personal: personal.mapValues { Array($0.utf8) }
        )
    }
}
