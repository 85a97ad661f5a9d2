// Making keys: durable in the journal and the key store before anything is sealed with them.

internal import Synchronization
package import TallyCore
internal import TallyCrypto
internal import TallyPostgres

extension Vault {
    /// Makes the first epoch with its KEK, once.
    package func createFirstEpoch() async throws(VaultError) {
        let ledger = ledger
        let name = provider.name
        let current = try await store.run { try KeyStore.currentEpoch($0, ledger: ledger) }
        guard current == nil else { return }
        try await provider.create(epoch: 1)
        try await store.run { connection in
            try KeyStore.createEpoch(connection, ledger: ledger, epoch: 1, provider: name)
        }
    }

    /// Gives a new tenant its wrapping key, data key and index key, once.
    package func createTenantKeys(_ tenant: TenantID) async throws(VaultError) {
        let ledger = ledger
        let journal = journal
        guard let epoch = try await store.run({ try KeyStore.currentEpoch($0, ledger: ledger) })
        else {
            throw VaultError(.noKeys, "the key store has no epoch of this ledger; run tally init")
        }
        let twk = try Self.randomKey()
        let context = WrappedTWK.context(
            ledger: ledger,
            tenant: tenant,
            epoch: epoch,
            twkID: twk.id
        )
        let blob = try await provider.wrap(twk, epoch: epoch, context: context)
        let wrap = WrappedTWK(epoch: epoch, twkID: twk.id, blob: blob)
        try await store.run { connection in
            try connection.transaction {
                guard try KeyStore.createWrap(connection, tenant: tenant, wrap: wrap) else {
                    return
                }
                let record = JournalRecord(
                    content: .twk,
                    tenant: tenant,
                    createdAt: Micros.now(),
                    wrapped: wrap.encoded()
                )
                try journal.append([record], epoch: epoch)
            }
        }
        _ = try await findOrCreate([.data, .index], of: tenant)
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
        let missing = names.filter { !known.contains($0) }
        for start in stride(from: 0, to: missing.count, by: VaultLimits.creationBatch) {
            let batch = Array(missing[start..<min(start + 1000, missing.count)])
            records += try await create(batch, of: tenant)
        }
        var keys: [KeyName: SecretKey] = [:]
        for record in records where record.wrapped != nil {
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
        let made = try await create([name], of: tenant, generation: newest.generation + 1)
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
        _ names: [KeyName],
        of tenant: TenantID,
        generation: Int = 0
    ) async throws(VaultError) -> [KeyRecord] {
        for _ in 0..<VaultLimits.creationAttempts {
            let (parent, epoch) = try await currentWrappingKey(tenant)
            let keys = try wrapNew(names, of: tenant, generation: generation, under: parent)
            if let records = try await storeNew(keys, of: tenant, under: parent, epoch: epoch) {
                return records
            }
            wrapping.removeAll { $0 == tenant }
        }
        throw VaultError(.unavailable, "the tenant's wrapping key keeps changing; try again")
    }

    private func wrapNew(
        _ names: [KeyName],
        of tenant: TenantID,
        generation: Int,
        under parent: SecretKey
    ) throws(VaultError) -> [NewKey] {
        var keys: [NewKey] = []
        for name in names {
            let key = try Self.randomKey()
            do throws(CryptoError) {
                let wrapped = try WrappedKey(
                    wrapping: key,
                    under: parent,
                    place: name.place(ledger: ledger, tenant: tenant)
                )
                keys.append(NewKey(name: name, generation: generation, wrapped: wrapped))
            } catch {
                throw VaultError(.damagedKey, error.description)
            }
        }
        return keys
    }

    /// Stores keys under the held wrap; `nil` when the wrap is not the expected one any more.
    private func storeNew(
        _ keys: [NewKey],
        of tenant: TenantID,
        under parent: SecretKey,
        epoch: UInt64
    ) async throws(VaultError) -> [KeyRecord]? {
        let journal = journal
        return try await store.run { connection in
            try connection.transaction {
                let held = try KeyStore.holdWrap(connection, tenant: tenant)
                guard held?.twkID == parent.id else { return nil }
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
                if !records.isEmpty { try journal.append(records, epoch: epoch) }
                return try KeyStore.find(connection, tenant: tenant, names: keys.map(\.name))
            }
        }
    }

    /// The wrapping key that new keys of the tenant belong under.
    private func currentWrappingKey(
        _ tenant: TenantID
    ) async throws(VaultError) -> (key: SecretKey, epoch: UInt64) {
        if let cached = wrapping[tenant] { return cached }
        let stored = try await store.run { try KeyStore.holdWrap($0, tenant: tenant) }
        guard let bytes = stored?.wrapped, let wrap = try? WrappedTWK(decoding: bytes) else {
            throw VaultError(.noKeys, "the key store has no wrapping key of this tenant")
        }
        let context = WrappedTWK.context(
            ledger: ledger,
            tenant: tenant,
            epoch: wrap.epoch,
            twkID: wrap.twkID
        )
        let key = try await provider.unwrap(wrap.blob, epoch: wrap.epoch, context: context)
        guard key.id == wrap.twkID else {
            throw VaultError(.damagedKey, "a wrapping key is not the one its wrap names")
        }
        wrapping.store((key, wrap.epoch), for: tenant)
        return (key, wrap.epoch)
    }

    /// The wrapping key of that id, which must be the tenant's current one.
    func wrappingKey(_ tenant: TenantID, id: KeyID) async throws(VaultError) -> SecretKey {
        if let cached = wrapping[tenant], cached.key.id == id { return cached.key }
        wrapping.removeAll { $0 == tenant }
        let current = try await currentWrappingKey(tenant)
        guard current.key.id == id else {
            throw VaultError(.damagedKey, "a stored key names a wrapping key that is not current")
        }
        return current.key
    }

    private static func randomKey() throws(VaultError) -> SecretKey {
        do throws(CryptoError) {
            return try SecretKey.random()
        } catch {
            throw VaultError(.provider, error.description)
        }
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
