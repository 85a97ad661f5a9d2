// What a verifier found to be wrong: a name that auditors share, a place, and the evidence.

/// One thing that is not as it was written.
public struct Finding: Sendable, Equatable {
    /// The names of findings; both verifiers use the same.
    public enum Name: String, Sendable, CaseIterable {
        /// An event's leaf is not the one that the chain commits to.
        case alteredLeaf = "altered leaf"
        /// An event's body is not the one that its leaf commits to.
        case alteredBody = "altered body"
        /// A column says something else than the event.
        case alteredColumn = "altered column"
        /// The head of a log does not fit its events.
        case alteredHead = "altered head"
        /// A tenant's row does not fit its log.
        case alteredTenant = "altered tenant"
        /// An event is not there.
        case missingEvent = "missing event"
        /// A row stands where no event belongs.
        case insertedEvent = "inserted event"
        /// An event is there twice.
        case duplicatedEvent = "duplicated event"
        /// Two events stand in each other's places.
        case swapped
        /// A tenant is not there any more.
        case vanishedTenant = "vanished tenant"
        /// An event is older than the one before it.
        case backDated = "back-dated"
        /// A body is gone that no erasure has purged.
        case missingBody = "missing body"
        /// Something was done that nobody had decided.
        case undecided = "undecided change"
        /// A register's row is not what the log says.
        case alteredRegister = "altered register"
        /// A key is not in the key store, and was not destroyed.
        case lostKey = "key lost"
    }

    /// What is wrong.
    public let name: Name
    /// The event's position, where the finding is about one.
    public let position: Int?
    /// The evidence in one line: digests, numbers and field names, never content.
    public let evidence: String

    /// Makes a finding.
    package init(_ name: Name, at position: Int? = nil, _ evidence: String) {
        self.name = name
        self.position = position
        self.evidence = evidence
    }
}
