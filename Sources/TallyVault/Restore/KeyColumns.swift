// Rows on their way into a restored key store.

internal import TallyCore
internal import TallyCrypto
internal import TallyPostgres

/// The parallel arrays of `tally_keys.restore_keys`.
struct KeyColumns {
    private var tenants = ArrayColumn(.uuid)
    private var ids = ArrayColumn(.bytea)
    private var kinds = ArrayColumn(.smallint)
    private var tags = ArrayColumn(.bytea)
    private var classes = ArrayColumn(.text)
    private var generations = ArrayColumn(.integer)
    private var parents = ArrayColumn(.bytea)
    private var wrapped = ArrayColumn(.bytea)
    private var created = ArrayColumn(.bigint)
    private(set) var isEmpty = true

    mutating func append(_ record: JournalRecord) throws(VaultError) {
        let key = try Vault.decode(record.wrapped)
        isEmpty = false
        record.tenant.withUnsafeBytes { tenants.append($0) }
        ids.append(key.keyID.bytes)
        kinds.append(Int16(key.kind.rawValue))
        tags.append(record.subjectTag.bytes)
        classes.append(Array(record.retentionClass.utf8))
        generations.append(Int32(clamping: min(record.generation, VaultLimits.generation)))
        parents.append(key.parent.bytes)
        wrapped.append(record.wrapped)
        created.append(Int64(clamping: min(record.createdAt, VaultLimits.epochs.upperBound)))
    }

    var parameters: [Parameter] {
        [tenants, ids, kinds, tags, classes, generations, parents, wrapped, created]
            .map { Parameter($0) }
    }
}

/// The parallel arrays of `tally_keys.restore_wraps`.
struct WrapColumns {
    private var tenants = ArrayColumn(.uuid)
    private var epochs = ArrayColumn(.bigint)
    private var ids = ArrayColumn(.bytea)
    private var wrapped = ArrayColumn(.bytea)
    private var dirty = ArrayColumn(.uuid)

    mutating func append(_ tenant: TenantID, _ wrap: WrappedTWK) {
        tenant.withUnsafeBytes { tenants.append($0) }
        epochs.append(Int64(clamping: wrap.epoch))
        ids.append(wrap.twkID.bytes)
        wrapped.append(wrap.encoded())
    }

    mutating func mark(_ tenant: TenantID) {
        tenant.withUnsafeBytes { dirty.append($0) }
    }

    var parameters: [Parameter] { [tenants, epochs, ids, wrapped, dirty].map { Parameter($0) } }
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
