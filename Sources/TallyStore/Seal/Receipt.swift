// What a caller gets for an event: its place in the log and the hash that commits to it.

public import TallyCore
package import TallyCrypto

/// Proof to the caller that an event was stored, and where.
///
/// A retry with the same request id gets the same receipt.
public struct Receipt: Sendable, Equatable {
    /// The 0-based position in the tenant's log; also its RFC 9162 leaf index.
    public let position: Int
    /// The 1-based version within its stream.
    public let version: Int
    /// The ledger's clock, strictly increasing within the tenant.
    public let recordedAt: Instant
    /// The event's id, 32 hexadecimal digits.
    public var eventID: String { id.hex }
    /// The leaf hash, 64 hexadecimal digits: keep it, and no one can change the event unnoticed.
    public var leafHash: String { hash.hex }

    let id: EventID
    package let hash: Digest
}
