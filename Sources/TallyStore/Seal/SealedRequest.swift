// A request as the lanes see it: ciphertext and digests only.

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
    /// The idempotency key.
    package let id: String
    /// What tells a retry from another request under the same id.
    package let digest: Digest
    /// 1 to 500 events.
    package let events: [SealedEvent]
    /// The bytes of all parts.
    package let byteCount: Int

    init(tenant: TenantID, id: String, digest: Digest, events: [SealedEvent]) {
        self.tenant = tenant
        self.id = id
        self.digest = digest
        self.events = events
        byteCount = events.reduce(0) { $0 + $1.byteCount }
    }
}
