// The middle of a rotation: tenants' wrapping keys (TWK) go from their old epoch to the new one, a
// page of tenants in a transaction. No lock is held while a provider is asked.

internal import TallyCore
internal import TallyCrypto
internal import TallyPostgres

/// Wraps the TWKs of all tenants under one epoch.
struct WrapRenewal: Sendable {
    let vault: Vault
    let epoch: UInt64

    /// A TWK that is about to be stored.
    private struct Renewed: Sendable {
        /// The wrap as it was read: stored is only what is still so.
        let old: KeyStore.TenantWrap
        let oldKey: SecretKey
        let newKey: SecretKey
        let wrap: WrappedTWK
    }

    /// Renews a page of wraps; `nil` when none is left.
    func next() async throws(VaultError) -> (tenants: Int, keys: Int)? {
        let epoch = epoch
        for _ in 0..<VaultLimits.creationAttempts {
            let stale = try await vault.store.run {
                try KeyStore.staleWraps($0, epoch: epoch, limit: VaultLimits.rotationPage)
            }
            guard !stale.isEmpty else { return nil }
            let clean = stale.filter { !$0.isDirty }
            let page = clean.isEmpty ? Array(stale.prefix(1)) : clean
            let done = try await store(renew(page))
            if done.tenants > 0 { return done }
        }
        throw VaultError(.unavailable, "tenants' wrapping keys keep changing; try again")
    }

    /// Wraps TWKs under the new epoch, new ones for tenants of which a key was destroyed.
    private func renew(
        _ wraps: [KeyStore.TenantWrap]
    ) async throws(VaultError) -> [Renewed] {
        let oldKeys = try await vault.unwrap(wraps)
        var newKeys: [(tenant: TenantID, key: SecretKey)] = []
        for (old, key) in zip(wraps, oldKeys) {
            newKeys.append((old.tenant, old.isDirty ? try Vault.randomKey() : key))
        }
        let fresh = try await vault.wrap(newKeys, epoch: epoch)
        // The old epoch ends because of what was wrapped here, so it is tried before anything
        // counts on it.
        _ = try await vault.unwrap(zip(newKeys, fresh).map { $1.stored(of: $0.tenant) })
        return wraps.indices.map { index in
            Renewed(
                old: wraps[index],
                oldKey: oldKeys[index],
                newKey: newKeys[index].key,
                wrap: fresh[index]
            )
        }
    }

    private func store(
        _ renewed: [Renewed]
    ) async throws(VaultError) -> (tenants: Int, keys: Int) {
        let (ledger, journal, epoch) = (vault.ledger, vault.journal, epoch)
        return try await vault.store.run { connection in
            try connection.transaction {
                let locked = Set(
                    try KeyStore.lockWraps(connection, renewed.map(\.old.tenant)).map(
                        LockedWrap.init
                    )
                )
                let current = renewed.filter { locked.contains(LockedWrap($0.old)) }
                var keys = 0
                for tenant in current where tenant.old.isDirty {
                    keys += try Self.rewrap(tenant, connection, ledger)
                }
                var records = current.map { $0.wrap.journalRecord(tenant: $0.old.tenant) }
                records += try KeyStore.liveKeys(connection, current.map(\.old.tenant))
                    .map(\.journalRecord)
                if !current.isEmpty { try journal.append(records, epoch: epoch) }
                try KeyStore.replaceWraps(
                    connection,
                    epoch: epoch,
                    current.map { ($0.old.tenant, $0.wrap) }
                )
                return (current.count, keys)
            }
        }
    }

    /// Wraps a tenant's keys under its new TWK; the wrap is locked.
    private static func rewrap(
        _ tenant: Renewed,
        _ connection: Connection,
        _ ledger: LedgerID
    ) throws -> Int {
        let id = tenant.old.tenant
        let keys = try KeyStore.liveKeys(connection, [id])
        var wraps: [WrappedKey] = []
        wraps.reserveCapacity(keys.count)
        for key in keys {
            let place = key.record.name.place(ledger: ledger, tenant: id)
            let opened = try Vault.open(
                Vault.decode(key.record.wrapped ?? []),
                under: tenant.oldKey,
                place
            )
            wraps.append(try Vault.wrap(opened, under: tenant.newKey, place))
        }
        let count = try KeyStore.rewrap(connection, id, parent: tenant.newKey.id, wraps)
        guard count == keys.count else {
            throw VaultError(.damagedKey, "a key vanished while it was wrapped again")
        }
        return count
    }
}

extension WrappedTWK {
    /// The wrap as the key store would have it.
    func stored(of tenant: TenantID) -> KeyStore.TenantWrap {
        KeyStore.TenantWrap(
            tenant: tenant,
            epoch: epoch,
            twkID: twkID,
            wrapped: encoded(),
            isDirty: false
        )
    }
}

/// What must not have changed between reading a wrap and replacing it.
private struct LockedWrap: Hashable {
    let tenant: TenantID
    let epoch: UInt64
    let twkID: KeyID
    let isDirty: Bool

    init(_ wrap: KeyStore.TenantWrap) {
        (tenant, epoch, twkID, isDirty) = (wrap.tenant, wrap.epoch, wrap.twkID, wrap.isDirty)
    }
}
