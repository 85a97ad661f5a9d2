// The rows about a tenant that its log must bear out.

package import TallyCrypto

/// What the tables claim of a tenant.
package struct TenantFacts: Sendable {
    package var ledger: LedgerID
    package var origin: String
    package var tenant: TenantID
    package var slot: UInt32
    package var region: String
    /// SHA-256 of name tag and sealed name, which the genesis event repeats.
    package var nameDigest: Digest
    package var size: Int
    package var lastLeafHash: Digest
    package var recordedAt: UInt64
    package var state: UInt8
    /// The tenant that it is a clone of, as its row says.
    package var source: TenantID?

    /// Makes the claims of their columns.
    package init(
        ledger: LedgerID,
        origin: String,
        tenant: TenantID,
        slot: UInt32,
        region: String,
        nameDigest: Digest,
        size: Int,
        lastLeafHash: Digest,
        recordedAt: UInt64,
        state: UInt8,
        source: TenantID? = nil
    ) {
        self.source = source
        self.ledger = ledger
        self.origin = origin
        self.tenant = tenant
        self.slot = slot
        self.region = region
        self.nameDigest = nameDigest
        self.size = size
        self.lastLeafHash = lastLeafHash
        self.recordedAt = recordedAt
        self.state = state
    }
}
