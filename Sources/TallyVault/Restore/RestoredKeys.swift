// The second pass of a restore: keys go from the journals into the key store, a window at a time.
// Each is opened first, so nothing that does not open takes the place of something that does.

internal import TallyCore
internal import TallyCrypto
internal import TallyPostgres

/// Stores the keys of journals.
struct RestoredKeys: Sendable {
    /// A tenant's TWK, by its id.
    private struct Parent: Hashable {
        let tenant: TenantID
        let id: KeyID
    }

    let vault: Vault
    let index: JournalIndex
    /// The wrap that each tenant has now.
    let wraps: [TenantID: WrappedTWK]

    /// Stores the newest word about each key; where that does not open, an older one that does.
    ///
    /// - Parameter epochs: epochs whose journals are read, oldest first: those of the index.
    /// - Returns: how many of the keys live in the key store.
    /// - Throws: `journal` for a journal that cannot be read; it can be run again.
    func store(_ epochs: [UInt64]) async throws(VaultError) -> Int {
        var failed: Set<KeyID> = []
        var number = 0
        var count = try await pass(epochs) { key in
            number += 1
            return key.map { index.isLast($0, number) } ?? false
        } failed: {
            failed.formUnion($0)
        }
        if !failed.isEmpty {
            count += try await pass(epochs) {
                $0.map(failed.contains) ?? false
            } failed: { _ in
            }
        }
        return count
    }

    /// Goes over all records, and stores those keys that `isWanted` names.
    private func pass(
        _ epochs: [UInt64],
        isWanted: (KeyID?) -> Bool,
        failed: ([KeyID]) -> Void
    ) async throws(VaultError) -> Int {
        var count = 0
        for epoch in epochs {
            guard let reader = try vault.journal.reader(epoch: epoch) else { continue }
            while let records = try reader.next() {
                let wanted = records.filter { record in
                    let isKey = record.content == .key
                    return isWanted(
                        isKey ? (try? WrappedKey(decoding: record.wrapped))?.keyID : nil
                    )
                }
                let done = try await store(wanted)
                count += done.count
                failed(done.failed)
            }
        }
        return count
    }

    private func store(
        _ records: [JournalRecord]
    ) async throws(VaultError) -> (count: Int, failed: [KeyID]) {
        let parents = try await parents(of: records)
        var columns = KeyColumns()
        var failed: [KeyID] = []
        for record in records {
            let wrapped = try Vault.decode(record.wrapped)
            if let renewed = try renew(record, wrapped, parents) {
                try columns.append(renewed)
            } else if wraps[record.tenant] != nil {
                failed.append(wrapped.keyID)
            }
        }
        let parameters = columns.parameters + [.bigint(Int64(clamping: VaultLimits.sealBound))]
        guard !columns.isEmpty else { return (0, failed) }
        let count = try await vault.store.run { connection in
            try connection.query(
                "SELECT tally_keys.restore_keys($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                parameters
            ).natural(0, 0, as: Int.self)
        }
        return (count, failed)
    }

    /// The TWKs that records hang on, and those that they are to hang on.
    private func parents(
        of records: [JournalRecord]
    ) async throws(VaultError) -> [Parent: SecretKey] {
        var wanted: [Parent: WrappedTWK] = [:]
        for record in records {
            guard let target = wraps[record.tenant] else { continue }
            wanted[Parent(tenant: record.tenant, id: target.twkID)] = target
            let id = try Vault.decode(record.wrapped).parent
            guard id != target.twkID, let former = index.wraps[record.tenant]?[id] else { continue }
            wanted[Parent(tenant: record.tenant, id: id)] = former
        }
        let order = Array(wanted)
        let keys = try await vault.unwrapEach(order.map { $0.value.stored(of: $0.key.tenant) })
        let opened = zip(order, keys).compactMap { wrap, key in key.map { (wrap.key, $0) } }
        return Dictionary(uniqueKeysWithValues: opened)
    }

    /// The record under the TWK that its tenant has now; `nil` when it does not open.
    private func renew(
        _ record: JournalRecord,
        _ wrapped: WrappedKey,
        _ parents: [Parent: SecretKey]
    ) throws(VaultError) -> JournalRecord? {
        let tenant = record.tenant
        guard let target = wraps[tenant],
            let newParent = parents[Parent(tenant: tenant, id: target.twkID)],
            let parent = parents[Parent(tenant: tenant, id: wrapped.parent)]
        else { return nil }
        let name = KeyName(
            wrapped.kind,
            subjectTag: record.subjectTag,
            retentionClass: record.retentionClass
        )
        let place = name.place(ledger: vault.ledger, tenant: tenant)
        guard let key = try? Vault.open(wrapped, under: parent, place) else { return nil }
        guard parent.id != newParent.id else { return record }
        var renewed = record
        renewed.wrapped = try Vault.wrap(key, under: newParent, place).encoded()
        return renewed
    }
}
