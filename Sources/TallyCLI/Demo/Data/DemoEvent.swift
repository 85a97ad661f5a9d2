// One event of the demo's data, before it becomes an event of a ledger.
// The readers of this folder produce it; the demo's writer appends it.

/// What a demo event does to its stream's document.
enum DemoOperation: Sendable {
    /// Replaces the document.
    case put
    /// Merges into the document (RFC 7396).
    case patch
    /// Removes the document.
    case delete
}

/// A fact about one stream, with personal sections apart.
struct DemoEvent: Sendable {
    /// The stream, such as `season/1998/jeterde01`.
    var stream: String
    /// The event's type, such as `batting.recorded`.
    var type: String
    /// What the event does to the stream's document.
    var operation: DemoOperation
    /// JSON text without anything personal; always there in a put.
    var data: String?
    /// JSON texts by data subject.
    var personal: [String: String]
    /// Who acted, such as `scorer:1998`.
    var actor: String
    /// When it happened, µs since 1970, negative before it.
    var occurredAt: Int64
    /// The request id: the same in each run and unique in its tenant, so a retry is harmless.
    var request: String
}
