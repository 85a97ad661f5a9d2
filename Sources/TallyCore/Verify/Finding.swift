// What a verifier found to be wrong: a name that auditors share, a place, and the evidence.

/// One thing that is not as it was written.
package struct Finding: Sendable, Equatable {
    /// The names of findings; both verifiers use the same.
    package enum Name: String, Sendable, CaseIterable {
        case alteredLeaf = "altered leaf"
        case alteredBody = "altered body"
        case alteredColumn = "altered column"
        case alteredHead = "altered head"
        case alteredTenant = "altered tenant"
        case alteredRequest = "altered request"
        case missingEvent = "missing event"
        case insertedEvent = "inserted event"
        case duplicatedEvent = "duplicated event"
        case swapped
        case vanishedTenant = "vanished tenant"
        case backDated = "back-dated"
        case missingBody = "missing body"
        case undecided = "undecided change"
        case lostKey = "key lost"
    }

    /// What is wrong.
    package let name: Name
    /// The event's position, where the finding is about one.
    package let position: Int?
    /// The evidence in one line: digests, numbers and field names, never content.
    package let evidence: String

    /// Makes a finding.
    package init(_ name: Name, at position: Int? = nil, _ evidence: String) {
        self.name = name
        self.position = position
        self.evidence = evidence
    }
}
