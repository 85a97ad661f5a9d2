// Making keys: durable in the journal and the key store before anything is sealed with them.

internal import Synchronization
package import TallyCore
internal import TallyCrypto
internal import TallyPostgres

extension Vault {
    /// Makes the first epoch with its KEK, once, and takes the ownership of the ledger's KEKs.
    package func createFirstEpoch() async throws(VaultError) {
        guard try await epochs().allSatisfy({ $0.state == .preActive }) else { return }
        _ = try await KeyOwnership(vault: self).take()
        try await openEpoch(1)
        _ = try await switchEpoch(1)
    }

    /// Gives a new tenant its wrapping key, data key and index key, once.
    package func createTenantKeys(_ tenant: TenantID) async throws(VaultError) {
        for _ in 0..<VaultLimits.creationAttempts where try await createWrappingKey(tenant) {
            _ = try await findOrCreate([.data, .index], of: tenant)
            return
        }
        throw VaultError(.unavailable, "the key epoch keeps changing; try again")
    }

    /// `false` when a rotation has changed the epoch meanwhile.
    private func createWrappingKey(_ tenant: TenantID) async throws(VaultError) -> Bool {
        let (ledger, journal) = (ledger, journal)
        guard let epoch = try await currentEpoch() else {
            throw VaultError(.noKeys, "the key store has no epoch of this ledger; run tally init")
        }
        let wrap = try await wrap([(tenant, Self.randomKey())], epoch: epoch)[0]
        return try await store.run { connection in
            try connection.transaction {
                let isNew = try KeyStore.createWrap(
                    connection,
                    ledger: ledger,
                    tenant: tenant,
                    wrap: wrap
                )
                if isNew == true {
                    try journal.append([wrap.journalRecord(tenant: tenant)], epoch: epoch)
                }
                return isNew != nil
            }
        }
    }

    /// Finds named keys and creates those that do not exist.
    ///
    /// - Returns: the live keys; a destroyed or blocked one is absent.
    func findOrCreate(
        _ names: [KeyName],
        of tenant: TenantID
    ) async throws(VaultError) -> [KeyName: SecretKey] {
        var records = try await find(names, of: tenant)
        let known = Set(records.map(\.name))
        var missing = names.filter { !known.contains($0) }.map { (name: $0, generation: 0) }
        missing += records.filter(\.isReadmitted).map { ($0.name, $0.generation + 1) }
        for start in stride(from: 0, to: missing.count, by: VaultLimits.creationBatch) {
            let end = min(start + VaultLimits.creationBatch, missing.count)
            records += try await create(Array(missing[start..<end]), of: tenant)
        }
        var keys: [KeyName: SecretKey] = [:]
        for record in records where record.usable != nil {
            keys[record.name] = try await keep(record, tenant)
        }
        return keys
    }

    /// Follows a data key that has reached its bound.
    func nextGeneration(
        of name: KeyName,
        tenant: TenantID,
        after id: KeyID
    ) async throws(VaultError) -> SecretKey {
        guard let newest = try await find([name], of: tenant).first else {
            throw VaultError(.noKeys, "the key store has no keys of this tenant")
        }
        if newest.id != id { return try await keep(newest, tenant) }
        let made = try await create([(name, newest.generation + 1)], of: tenant)
        guard let record = made.first else {
            throw VaultError(.erased, "the tenant may have no new key")
        }
        return try await keep(record, tenant)
    }

    /// Creates keys under the tenant's current wrapping key and reads back what counts.
    ///
    /// The wrapping key is unwrapped before the transaction, so no lock is held while a provider
    /// is asked; when it was replaced meanwhile, everything is done again with the new one.
    private func create(
        _ names: [(name: KeyName, generation: Int)],
        of tenant: TenantID
    ) async throws(VaultError) -> [KeyRecord] {
        for _ in 0..<VaultLimits.creationAttempts {
            let parent = try await currentWrappingKey(tenant)
            let keys = try wrapNew(names, of: tenant, under: parent)
            if let records = try await storeNew(keys, of: tenant, under: parent) {
                return records
            }
            wrapping.removeAll { $0 == tenant }
        }
        throw VaultError(.unavailable, "the tenant's wrapping key keeps changing; try again")
    }

    private func wrapNew(
        _ names: [(name: KeyName, generation: Int)],
        of tenant: TenantID,
        under parent: SecretKey
    ) throws(VaultError) -> [NewKey] {
        try names.map { name, generation throws(VaultError) in
            let place = name.place(ledger: ledger, tenant: tenant)
            let wrapped = try Self.wrap(Self.randomKey(), under: parent, place)
            return NewKey(name: name, generation: generation, wrapped: wrapped)
        }
    }

    static func wrap(
        _ key: SecretKey,
        under parent: SecretKey,
        _ place: KeyPlace
    ) throws(VaultError) -> WrappedKey {
        do throws(CryptoError) {
            return try WrappedKey(wrapping: key, under: parent, place: place)
        } catch {
            throw VaultError(.damagedKey, error.description)
        }
    }

    /// Stores keys under the held wrap; `nil` when the wrap is not the expected one any more.
    ///
    /// The journal is that of the epoch which the wrap has now: the same TWK may have been wrapped
    /// again since it was unwrapped, and the journal of its old epoch ends with that.
    private func storeNew(
        _ keys: [NewKey],
        of tenant: TenantID,
        under parent: SecretKey
    ) async throws(VaultError) -> [KeyRecord]? {
        let journal = journal
        return try await store.run { connection in
            try connection.transaction {
                let held = try KeyStore.holdWrap(connection, tenant: tenant)
                guard let held, held.twkID == parent.id else { return nil }
                let createdAt = Micros.now()
                let stored = try KeyStore.create(
                    connection,
                    tenant: tenant,
                    parent: parent.id,
                    createdAt: createdAt,
                    keys: keys
                )
                let records = keys.filter { stored.contains($0.wrapped.keyID) }
                    .map { $0.journalRecord(tenant: tenant, createdAt: createdAt) }
                if !records.isEmpty { try journal.append(records, epoch: held.epoch) }
                return try KeyStore.find(connection, tenant: tenant, names: keys.map(\.name))
            }
        }
    }

    /// The wrapping key that new keys of the tenant belong under.
    private func currentWrappingKey(_ tenant: TenantID) async throws(VaultError) -> SecretKey {
        if let cached = wrapping[tenant] { return cached }
        let stored = try await store.run { try KeyStore.readWrap($0, tenant: tenant) }
        guard let stored else {
            throw VaultError(.noKeys, "the key store has no wrapping key of this tenant")
        }
        let key = try await unwrap([stored])[0]
        wrapping.store(key, for: tenant)
        return key
    }

    /// The wrapping key of that id; `nil` when the tenant has another one by now.
    func wrappingKey(_ tenant: TenantID, id: KeyID) async throws(VaultError) -> SecretKey? {
        if let cached = wrapping[tenant], cached.id == id { return cached }
        wrapping.removeAll { $0 == tenant }
        let current = try await currentWrappingKey(tenant)
        return current.id == id ? current : nil
    }

    static func randomKey() throws(VaultError) -> SecretKey {
        do throws(CryptoError) {
            return try SecretKey.random()
        } catch {
            throw VaultError(.provider, error.description)
        }
    }
}

extension WrappedTWK {
    func journalRecord(tenant: TenantID) -> JournalRecord {
        JournalRecord(
            content: .twk,
            tenant: tenant,
            createdAt: Micros.now(),
            wrapped: encoded()
        )
    }
}

extension NewKey {
    fileprivate func journalRecord(tenant: TenantID, createdAt: UInt64) -> JournalRecord {
        JournalRecord(
            content: .key,
            tenant: tenant,
            subjectTag: name.subjectTag,
            retentionClass: name.retentionClass,
            generation: UInt32(generation),
            createdAt: createdAt,
            wrapped: wrapped.encoded()
        )
    }
}
