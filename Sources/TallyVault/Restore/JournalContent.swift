// What journals hold, the newest word about each key: a later record of the same key or name stands
// for an earlier one.

internal import TallyCore
internal import TallyCrypto
internal import TallyPostgres

/// The wraps and keys of some journals.
struct JournalContent: Sendable {
    private struct Name: Hashable {
        let kind: KeyKind
        let subjectTag: BlindTag
        let retentionClass: ByteText
        let generation: UInt32
    }

    /// The newest wrap of each tenant's TWK.
    private(set) var wraps: [TenantID: WrappedTWK] = [:]
    /// Every TWK that a tenant had in these epochs.
    private var formerWraps: [TenantID: [KeyID: WrappedTWK]] = [:]
    private var records: [TenantID: [Name: JournalRecord]] = [:]

    /// The journals of all epochs whose KEK lives, and which these are, oldest first.
    static func read(
        _ vault: Vault
    ) async throws(VaultError) -> (epochs: [UInt64], content: JournalContent) {
        var epochs: [UInt64] = []
        var content = JournalContent()
        for epoch in try vault.journal.epochs()
        where try await vault.provider.state(epoch: epoch) == .active {
            epochs.append(epoch)
            content.add(try vault.journal.records(epoch: epoch))
        }
        return (epochs, content)
    }

    /// Adds the records of a journal, which come in the order in which they were written.
    ///
    /// A key whose creation never committed was followed by another one of its name, which counts.
    mutating func add(_ journal: [JournalRecord]) {
        for record in journal {
            switch record.content {
            case .twk:
                guard let wrap = try? WrappedTWK(decoding: record.wrapped) else { continue }
                if wrap.epoch >= wraps[record.tenant]?.epoch ?? 0 { wraps[record.tenant] = wrap }
                formerWraps[record.tenant, default: [:]][wrap.twkID] = wrap
            case .key:
                guard let key = try? WrappedKey(decoding: record.wrapped) else { continue }
                let name = Name(
                    kind: key.kind,
                    subjectTag: record.subjectTag,
                    retentionClass: ByteText(record.retentionClass),
                    generation: record.generation
                )
                records[record.tenant, default: [:]][name] = record
            }
        }
    }

    /// The keys of a tenant by the TWK that opens them, as far as there is one.
    ///
    /// A key can be under another TWK than the newest: a rotation was journalled and never committed,
    /// and the key was made before the next one.
    func keys(of tenant: TenantID) -> [(wrap: WrappedTWK, keys: [JournalRecord])] {
        let byParent = Dictionary(grouping: (records[tenant] ?? [:]).values) { record in
            (try? WrappedKey(decoding: record.wrapped))?.parent
        }
        return byParent.compactMap { parent, keys in
            parent.flatMap { formerWraps[tenant]?[$0] }.map { ($0, keys) }
        }
    }
}

/// The parallel arrays of `tally_keys.restore_keys`.
struct KeyColumns {
    private var ids = ArrayColumn(.bytea)
    private var kinds = ArrayColumn(.smallint)
    private var tags = ArrayColumn(.bytea)
    private var classes = ArrayColumn(.text)
    private var generations = ArrayColumn(.integer)
    private var parents = ArrayColumn(.bytea)
    private var wrapped = ArrayColumn(.bytea)
    private var created = ArrayColumn(.bigint)

    mutating func append(_ record: JournalRecord) throws {
        let key = try WrappedKey(decoding: record.wrapped)
        ids.append(key.keyID.bytes)
        kinds.append(Int16(key.kind.rawValue))
        tags.append(record.subjectTag.bytes)
        classes.append(Array(record.retentionClass.utf8))
        generations.append(Int32(clamping: record.generation))
        parents.append(key.parent.bytes)
        wrapped.append(record.wrapped)
        created.append(Int64(clamping: record.createdAt))
    }

    var parameters: [Parameter] {
        [ids, kinds, tags, classes, generations, parents, wrapped, created].map { Parameter($0) }
    }
}

/// The parallel arrays of `tally_keys.restore_blocks`.
struct BlockColumns {
    private var tenants = ArrayColumn(.uuid)
    private var tags = ArrayColumn(.bytea)
    private var classes = ArrayColumn(.text)
    private var blocked = ArrayColumn(.bigint)
    private var lifted = ArrayColumn(.bigint)

    mutating func append(_ tenant: TenantID, _ fence: TenantFences.Fence) {
        tenant.withUnsafeBytes { tenants.append($0) }
        tags.append(fence.subjectTag.bytes)
        classes.append(Array(fence.retentionClass.utf8))
        blocked.append(Int64(clamping: fence.fencedAt))
        if let readmittedAt = fence.readmittedAt {
            lifted.append(Int64(clamping: readmittedAt))
        } else {
            lifted.append(nil)
        }
    }

    var parameters: [Parameter] {
        [tenants, tags, classes, blocked, lifted].map { Parameter($0) }
    }
}
