// One request among many that are appended together.

public import TallyStore

/// Events that are stored together or not at all, under one request id.
public struct AppendRequest: Sendable {
    /// 1 to 500 events, in order.
    public var events: [NewEvent]
    /// 1 to 255 bytes that make a retry harmless: the same id and events are stored once.
    public var id: String

    /// Names a request.
    public init(_ events: [NewEvent], id: String) {
        self.events = events
        self.id = id
    }
}
