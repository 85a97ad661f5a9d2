// What the ledger says of erased keys: a restored key store obeys it before anything else.

package import TallyCore
package import TallyCrypto

/// What the ledger says of a tenant's erased keys.
package struct TenantFences: Sendable {
    /// A subject, or the whole tenant for the tag of zeros.
    package struct Fence: Sendable {
        package let subjectTag: BlindTag
        package let retentionClass: String
        /// µs since 1970.
        package let fencedAt: UInt64
        /// µs since 1970; `nil` while the subject may have no key.
        package let readmittedAt: UInt64?
        /// Whether the log says that the keys are destroyed; before that they are only suspended.
        package let isDestroyed: Bool

        /// Names a fence.
        package init(
            subjectTag: BlindTag,
            retentionClass: String,
            fencedAt: UInt64,
            readmittedAt: UInt64?,
            isDestroyed: Bool
        ) {
            self.subjectTag = subjectTag
            self.retentionClass = retentionClass
            self.fencedAt = fencedAt
            self.readmittedAt = readmittedAt
            self.isDestroyed = isDestroyed
        }
    }

    package let tenant: TenantID
    package let fences: [Fence]
    /// Keys that the log says are destroyed.
    package let destroyed: [KeyID]
    /// Keys that are fenced, and about to be destroyed.
    package let fenced: [KeyID]

    /// Names a tenant's fences.
    package init(tenant: TenantID, fences: [Fence], destroyed: [KeyID], fenced: [KeyID]) {
        self.tenant = tenant
        self.fences = fences
        self.destroyed = destroyed
        self.fenced = fenced
    }

    /// Whether the whole tenant is fenced.
    var isAllFenced: Bool { fences.contains { $0.subjectTag == .zero } }
    /// Whether the log says that all of the tenant's keys are destroyed.
    var isAllDestroyed: Bool { fences.contains { $0.subjectTag == .zero && $0.isDestroyed } }
}
