// What is held about a person: the sections of events, and the tenants that know the person.

public import TallyCore
package import TallyVault

/// One personal section of an event.
public struct SubjectSection: Sendable {
    /// The event's position.
    public let position: Int
    /// When the event was recorded.
    public let recordedAt: Instant
    package let id: EventID
    /// The event's stream; empty where it cannot be read.
    public let stream: String
    /// The event's type; empty where it cannot be read.
    public let type: String
    /// The retention class; empty for the default one.
    public let retentionClass: String
    /// JSON text, as it was submitted.
    public let data: [UInt8]

    /// The event's id, 32 hexadecimal digits.
    public var eventID: String { id.hex }
}

/// A tenant that knows a subject.
public struct SubjectPlace: Sendable {
    /// The tenant's name.
    public let tenant: String
    /// The subject's keys, destroyed ones included.
    package let keys: [KeyRecord]

    /// Whether every key of the subject there was destroyed, so that nothing can be read any more.
    public var isErased: Bool { keys.allSatisfy { $0.state != .active } }
}
