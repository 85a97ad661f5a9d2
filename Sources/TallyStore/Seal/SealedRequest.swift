// A request as the lanes take it: sealed, with what was submitted in case it has to be compared.

package import TallyCore
package import TallyCrypto

/// One event, sealed and ready for any position.
package struct SealedEvent: Sendable {
    /// The id its parts are bound to.
    package let eventID: EventID
    /// Whether a caller recorded it or a clone imports it; its parts are bound to that, too.
    package var kind = EventKind.recorded
    /// The blind tag of its stream.
    package let stream: BlindTag
    /// What its stream's version must be.
    package let expected: ExpectedVersion
    /// The parts' bytes, in order.
    package let parts: [[UInt8]]
    /// SHA-256 of each part.
    package let digests: [Digest]

    /// The bytes of all parts.
    package var byteCount: Int { parts.reduce(0) { $0 + $1.count } }
}

/// One caller's request: stored whole or not at all.
///
/// A class, because it changes hands many times on its way and never its content.
package final class SealedRequest: Sendable {
    /// Whose log it goes to.
    package let tenant: TenantID
    /// What was submitted, which tells a retry from another request under the same id.
    package let draft: RequestDraft
    /// 1 to 500 events.
    package let events: [SealedEvent]
    /// The bytes of all parts.
    package let byteCount: Int

    init(tenant: TenantID, draft: RequestDraft, events: [SealedEvent]) {
        self.tenant = tenant
        self.draft = draft
        self.events = events
        byteCount = events.reduce(0) { $0 + $1.byteCount }
    }
}
