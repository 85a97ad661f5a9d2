// The keys of tenants, unwrapped: found in the cache or the key store, created at first use.

internal import Synchronization
package import TallyCore
package import TallyCrypto
internal import TallyPostgres

/// What a reader learns about the key that a part names.
package enum KeyFinding: Sendable {
    /// The key, and whose it is.
    case live(SecretKey, KeyName)
    /// It was destroyed, or an erasure that goes on has suspended it; whose it was is still known.
    case destroyed(KeyName)
    /// The key store never had it.
    case unknown
    /// The key store's record of it does not open under its parent.
    case damaged
}

/// A ledger's keys.
package final class Vault: Sendable {
    struct CacheKey<Key: Hashable & Sendable>: Hashable, Sendable {
        let tenant: TenantID
        let key: Key
    }

    /// The ledger whose keys these are.
    package let ledger: LedgerID
    let store: KeyStore
    let provider: any KEKProvider
    let journal: KeyJournal
    let named = KeyCache<CacheKey<KeyName>, SecretKey>()
    let wrapping = KeyCache<TenantID, SecretKey>()
    private let byID = KeyCache<CacheKey<KeyID>, (SecretKey, KeyName)>()
    private let indexes = KeyCache<TenantID, IndexKey>()
    private let seals = SealCounter()
    private let blocks = BlockWatch()

    /// Opens the keys of a ledger.
    package init(
        ledger: LedgerID,
        store: KeyStore,
        provider: any KEKProvider,
        journal: KeyJournal
    ) {
        self.ledger = ledger
        self.store = store
        self.provider = provider
        self.journal = journal
    }

    /// The tenant's index key.
    ///
    /// - Throws: `noKeys` when this key store does not know the tenant.
    package func indexKey(_ tenant: TenantID) async throws(VaultError) -> IndexKey {
        if let index = indexes[tenant] { return index }
        let key = try await existing(.index, of: tenant)
        do throws(CryptoError) {
            let index = try IndexKey(key)
            indexes.store(index, for: tenant)
            return index
        } catch {
            throw VaultError(.damagedKey, error.description)
        }
    }

    /// The tenant's data key with room for `count` seals.
    ///
    /// A key that has reached its bound is followed by its next generation.
    package func dataKey(
        _ tenant: TenantID,
        seals count: Int = 1
    ) async throws(VaultError) -> SecretKey {
        var key = try await existing(.data, of: tenant)
        while !seals.take(count, of: key.id) {
            let id = key.id
            let reserved = try await store.run { connection in
                try KeyStore.reserveSeals(
                    connection,
                    key: id,
                    block: VaultLimits.sealBlock,
                    bound: VaultLimits.sealBound
                )
            }
            if reserved {
                seals.add(VaultLimits.sealBlock, to: id)
            } else {
                key = try await nextGeneration(of: .data, tenant: tenant, after: id)
            }
        }
        return key
    }

    /// Keys of subjects for sealing, created where there are none; the result has the order
    /// of `names`.
    ///
    /// - Throws: `erased` when one of the subjects may have no key.
    package func subjectKeys(
        _ tenant: TenantID,
        _ names: [KeyName]
    ) async throws(VaultError) -> [SecretKey] {
        guard !names.isEmpty else { return [] }
        // Held from here on: the cache may be emptied at any time, which must not look like
        // erasure.
        var found: [KeyName: SecretKey] = [:]
        var missing: Set<KeyName> = []
        for name in names where found[name] == nil {
            found[name] = named[CacheKey(tenant: tenant, key: name)]
            if found[name] == nil { missing.insert(name) }
        }
        if !missing.isEmpty {
            let made = try await findOrCreate(missing.sorted(), of: tenant)
            found.merge(made) { cached, _ in cached }
        }
        return try names.map { name throws(VaultError) in
            guard let key = found[name] else {
                throw VaultError(.erased, "the data subject was erased and may have no key")
            }
            return key
        }
    }

    /// The keys that stored parts name.
    ///
    /// What another process has erased is `destroyed` here after ``VaultLimits/blockLife`` at most.
    /// - Complexity: one query for all ids that are not cached.
    package func openingKeys(
        _ tenant: TenantID,
        _ ids: Set<KeyID>
    ) async throws(VaultError) -> [KeyID: KeyFinding] {
        try await forgetIfBlocked(tenant)
        var findings: [KeyID: KeyFinding] = [:]
        var missing: [KeyID] = []
        for id in ids {
            if let (key, name) = byID[CacheKey(tenant: tenant, key: id)] {
                findings[id] = .live(key, name)
            } else {
                missing.append(id)
                findings[id] = .unknown
            }
        }
        guard !missing.isEmpty else { return findings }
        let wanted = missing
        let records = try await store.run { connection in
            try KeyStore.find(connection, tenant: tenant, ids: wanted)
        }
        for record in records { findings[record.id] = try await finding(record, tenant) }
        return findings
    }

    /// Forgets a tenant's keys when some were blocked, here or by another process.
    private func forgetIfBlocked(_ tenant: TenantID) async throws(VaultError) {
        guard !blocks.isFresh(tenant) else { return }
        let count = try await store.run { try KeyStore.countBlocks($0, tenant: tenant) }
        if blocks.note(count, tenant) { forget(tenant) }
    }

    private func finding(
        _ record: KeyRecord,
        _ tenant: TenantID
    ) async throws(VaultError) -> KeyFinding {
        guard record.usable != nil else { return .destroyed(record.name) }
        do throws(VaultError) {
            let key = try await unwrap(record, tenant)
            byID.store((key, record.name), for: CacheKey(tenant: tenant, key: record.id))
            return .live(key, record.name)
        } catch  where error.code == .damagedKey {
            return .damaged
        }
    }

    private func existing(
        _ name: KeyName,
        of tenant: TenantID
    ) async throws(VaultError) -> SecretKey {
        if let key = named[CacheKey(tenant: tenant, key: name)] { return key }
        guard let record = try await find([name], of: tenant).first else {
            throw VaultError(.noKeys, "the key store has no keys of this tenant")
        }
        return try await keep(record, tenant)
    }

    /// Every key that a subject has or had, of all classes and generations.
    package func records(
        _ tenant: TenantID,
        of subject: BlindTag
    ) async throws(VaultError) -> [KeyRecord] {
        try await store.run { try KeyStore.find($0, tenant: tenant, subject: subject) }
    }

    func find(
        _ names: [KeyName],
        of tenant: TenantID
    ) async throws(VaultError) -> [KeyRecord] {
        try await store.run { try KeyStore.find($0, tenant: tenant, names: names) }
    }

    /// Unwraps a record and caches it by name; a destroyed one is `erased`.
    func keep(_ record: KeyRecord, _ tenant: TenantID) async throws(VaultError) -> SecretKey {
        let key = try await unwrap(record, tenant)
        named.store(key, for: CacheKey(tenant: tenant, key: record.name))
        return key
    }

    private func unwrap(
        _ record: KeyRecord,
        _ tenant: TenantID
    ) async throws(VaultError) -> SecretKey {
        guard let bytes = record.usable else {
            throw VaultError(.erased, "the key was destroyed")
        }
        let wrapped = try Self.decode(bytes)
        guard let parent = try await wrappingKey(tenant, id: wrapped.parent) else {
            return try await unwrap(newer(than: record, tenant), tenant)
        }
        let place = record.name.place(ledger: ledger, tenant: tenant)
        return try Self.open(wrapped, under: parent, place)
    }

    /// The record as it is now: a rotation may have wrapped the key again since it was read.
    private func newer(
        than record: KeyRecord,
        _ tenant: TenantID
    ) async throws(VaultError) -> KeyRecord {
        let id = record.id
        let found = try await store.run { try KeyStore.find($0, tenant: tenant, ids: [id]) }.first
        guard let found, found.wrapped != record.wrapped else {
            throw VaultError(.damagedKey, "a stored key names a wrapping key that is not current")
        }
        return found
    }

    static func decode(_ bytes: [UInt8]) throws(VaultError) -> WrappedKey {
        do throws(FormatError) {
            return try WrappedKey(decoding: bytes)
        } catch {
            throw VaultError(.damagedKey, "a stored key is not in the format")
        }
    }

    static func open(
        _ wrapped: WrappedKey,
        under parent: SecretKey,
        _ place: KeyPlace
    ) throws(VaultError) -> SecretKey {
        do throws(OpenError) {
            return try wrapped.unwrap(with: parent, place: place)
        } catch {
            throw VaultError(.damagedKey, "a stored key does not open under its parent")
        }
    }

    /// Forgets the keys of a tenant that are in memory, because some were destroyed.
    package func forget(_ tenant: TenantID) {
        named.removeAll { $0.tenant == tenant }
        byID.removeAll { $0.tenant == tenant }
        indexes.removeAll { $0 == tenant }
        wrapping.removeAll { $0 == tenant }
    }
}

/// How many seals this process still holds of each data key.
private final class SealCounter: Sendable {
    private let remaining = Mutex<[KeyID: Int]>([:])

    func take(_ count: Int, of key: KeyID) -> Bool {
        remaining.withLock { remaining in
            guard let held = remaining[key], held >= count else { return false }
            remaining[key] = held - count
            return true
        }
    }

    func add(_ count: Int, to key: KeyID) {
        remaining.withLock { $0[key, default: 0] += count }
    }
}
