// What a lane remembers of tenants' heads and stream versions between batches.

internal import TallyCore
internal import TallyCrypto

/// A tenant's head as the lane last knew it.
struct KnownHead: Sendable {
    let slot: Int32
    var size: Int
    var lastLeafHash: Digest
    /// The newest time that a new event must be later than: last leaf or closed timestamp.
    var floor: UInt64
    /// Whether nobody was erased in it and nobody restricts it.
    let isPlain: Bool
    /// Versions of streams; a stream that is missing here is unknown, not empty.
    var versions: [BlindTag: Int] = [:]
}

/// Heads by tenant, valid exactly as long as each compare-and-swap with them succeeds.
struct HeadCache {
    private var heads: [TenantID: KnownHead] = [:]
    private var versionCount = 0
    private let versionLimit: Int

    init(versionLimit: Int = StoreLimits.cachedVersions) {
        self.versionLimit = versionLimit
    }

    subscript(tenant: TenantID) -> KnownHead? {
        heads[tenant]
    }

    mutating func store(_ head: KnownHead, for tenant: TenantID) {
        versionCount += head.versions.count - (heads[tenant]?.versions.count ?? 0)
        heads[tenant] = head
    }

    /// Makes room between two batches; within one the cache grows by what the batch needs.
    mutating func trim() {
        if versionCount > versionLimit { removeAll() }
    }

    /// Gives a head away, so that its versions can be changed without a copy of them all.
    mutating func take(_ tenant: TenantID) -> KnownHead? {
        guard let head = heads.removeValue(forKey: tenant) else { return nil }
        versionCount -= head.versions.count
        return head
    }

    /// Forgets the head and, with it, all versions of a tenant.
    mutating func remove(_ tenant: TenantID) { _ = take(tenant) }

    mutating func removeAll() {
        heads.removeAll()
        versionCount = 0
    }
}
