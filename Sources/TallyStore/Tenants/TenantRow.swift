// A tenant's row and head as they are stored.

package import TallyCore
package import TallyCrypto

/// What the tables say of a tenant; its name is sealed.
package struct TenantRow: Sendable {
    package let id: TenantID
    package let slot: Int
    package let nameTag: BlindTag
    package let nameSealed: [UInt8]
    package let region: String
    /// µs since 1970.
    package let createdAt: UInt64
    package let size: Int
    package let lastLeafHash: Digest
    package let recordedAt: UInt64
    /// As stored; see ``TallyCore/TenantState``.
    package let state: UInt8
    /// The tenant that it is a clone of.
    package let source: TenantID?
}

/// The ledger's row.
package struct LedgerRow: Sendable {
    package let id: LedgerID
    package let origin: String
    package let createdAt: UInt64
    package let format: Int
}
