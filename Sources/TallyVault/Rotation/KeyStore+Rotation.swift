// The key store's rows as a rotation needs them: its functions by name, with bound parameters.

internal import TallyCore
internal import TallyCrypto
internal import TallyPostgres

/// A key that is not destroyed, with what its journal record needs.
struct LiveKey: Sendable {
    let tenant: TenantID
    let record: KeyRecord
    let createdAt: UInt64

    var journalRecord: JournalRecord {
        JournalRecord(
            content: .key,
            tenant: tenant,
            subjectTag: record.name.subjectTag,
            retentionClass: record.name.retentionClass,
            generation: UInt32(record.generation),
            createdAt: createdAt,
            wrapped: record.wrapped ?? []
        )
    }
}

extension KeyStore {
    static func staleWraps(
        _ connection: Connection,
        epoch: UInt64,
        limit: Int
    ) throws -> [TenantWrap] {
        try wraps(
            connection.query(
                "SELECT \(wrapColumns) FROM tally_keys.find_stale_wraps($1, $2)",
                [.bigint(Int64(clamping: epoch)), .integer(Int32(clamping: limit))]
            )
        )
    }

    static func lockWraps(_ connection: Connection, _ tenants: [TenantID]) throws -> [TenantWrap] {
        try wraps(
            connection.query(
                "SELECT \(wrapColumns) FROM tally_keys.lock_wraps($1)",
                [Parameter(column(tenants))]
            )
        )
    }

    /// Every tenant's wrap; of an erased tenant a row without one.
    static func allWraps(_ connection: Connection) throws -> [TenantWrap] {
        try wraps(connection.query("SELECT \(wrapColumns) FROM tally_keys.read_wraps()"))
    }

    static func liveKeys(_ connection: Connection, _ tenants: [TenantID]) throws -> [LiveKey] {
        let rows = try connection.query(
            """
            SELECT \(recordColumns), false AS readmitted, tenant_id, created_at
            FROM tally_keys.live_keys($1)
            """,
            [Parameter(column(tenants))]
        )
        return try rows.map { row in
            LiveKey(
                tenant: try row["tenant_id"].id(),
                record: try record(row),
                createdAt: try row["created_at"].time()
            )
        }
    }

    static func replaceWraps(
        _ connection: Connection,
        epoch: UInt64,
        _ wraps: [(tenant: TenantID, wrap: WrappedTWK)]
    ) throws {
        guard !wraps.isEmpty else { return }
        var ids = ArrayColumn(.bytea)
        var wrapped = ArrayColumn(.bytea)
        for (_, wrap) in wraps {
            ids.append(wrap.twkID.bytes)
            wrapped.append(wrap.encoded())
        }
        _ = try connection.query(
            "SELECT tally_keys.replace_wraps($1, $2, $3, $4)",
            [
                .bigint(Int64(clamping: epoch)), Parameter(column(wraps.map(\.tenant))),
                Parameter(ids),
                Parameter(wrapped),
            ]
        )
    }

    static func rewrap(
        _ connection: Connection,
        _ tenant: TenantID,
        parent: KeyID,
        _ keys: [WrappedKey]
    ) throws -> Int {
        var ids = ArrayColumn(.bytea)
        var wrapped = ArrayColumn(.bytea)
        for key in keys {
            ids.append(key.keyID.bytes)
            wrapped.append(key.encoded())
        }
        return Int(
            try connection.query(
                "SELECT tally_keys.rewrap_keys($1, $2, $3, $4)",
                [
                    .uuid(tenant.bytes), .bytea(parent.bytes), Parameter(ids), Parameter(wrapped),
                ]
            ).integer(0, 0)
        )
    }

    static func countStale(
        _ connection: Connection,
        epoch: UInt64
    ) throws -> (wraps: Int, keys: Int) {
        let rows = try connection.query(
            "SELECT wraps, keys FROM tally_keys.count_stale($1)",
            [.bigint(Int64(clamping: epoch))]
        )
        guard let row = rows.first else { return (0, 0) }
        return (try row["wraps"].natural(), try row["keys"].natural())
    }

    static func column(_ tenants: [TenantID]) -> ArrayColumn {
        var column = ArrayColumn(.uuid)
        for tenant in tenants { tenant.withUnsafeBytes { column.append($0) } }
        return column
    }
}
