// Documents of long streams at versions in between, so that a look into the past need not fold from
// far back. They are disposable: whatever does not open just as it was sealed is passed over.

internal import TallyCore
internal import TallyPostgres
internal import TallyStore
internal import TallyVault

/// Reads snapshots.
struct Snapshots: Sendable {
    private let reader: Session
    private let documents: DocumentVault

    /// Reads through connections of role tally_reader.
    init(pool: ConnectionPool, vault: Vault) {
        reader = Session(pool: pool)
        documents = DocumentVault(vault: vault)
    }

    /// What a snapshot says.
    struct Snapshot: Sendable {
        let tag: BlindTag
        let version: Int
        let position: Int
        /// `nil` where it does not open.
        let content: DocumentVault.Content?
    }

    /// The newest snapshot of a stream before a position that can be used, if there is one.
    func newest(
        _ tenant: TenantID,
        _ stream: BlindTag,
        before position: Int
    ) async throws(Problem) -> (version: Int, stream: String, content: DocumentContent)? {
        let found = try await read(
            tenant,
            "AND s.stream = $3 AND s.position < $4 ORDER BY s.version DESC",
            [.uuid(stream.bytes), .bigint(Int64(clamping: position))]
        )
        guard let found, let content = found.content else { return nil }
        return (found.version, content.stream, content.content)
    }

    /// The newest snapshot of a stream up to a version that can be used, if there is one.
    func newest(
        _ tenant: TenantID,
        _ stream: BlindTag,
        through version: Int
    ) async throws(Problem) -> (version: Int, stream: String, content: DocumentContent)? {
        let found = try await read(
            tenant,
            "AND s.stream = $3 AND s.version <= $4 ORDER BY s.version DESC",
            [.uuid(stream.bytes), .integer(Int32(clamping: version))]
        )
        guard let found, let content = found.content else { return nil }
        return (found.version, content.stream, content.content)
    }

    /// Any snapshot of a tenant before a position.
    func random(
        _ tenant: TenantID,
        before position: Int
    ) async throws(Problem) -> Snapshot? {
        try await read(
            tenant,
            "AND s.position < $3 ORDER BY random()",
            [.bigint(Int64(clamping: position))]
        )
    }

    private func read(
        _ tenant: TenantID,
        _ condition: String,
        _ parameters: [Parameter]
    ) async throws(Problem) -> Snapshot? {
        let row = try await reader.scoped(tenant) { connection -> DocumentRow? in
            let rows = try connection.query(
                """
                SELECT s.stream, ''::bytea, s.position, s.version, NULL::bigint, s.fold::bigint,
                    NULL::bytea, s.body, e.leaf
                FROM tally.snapshot s
                JOIN tally.event e ON e.slot = s.slot AND e.position = s.position
                WHERE s.slot = $1 AND s.fold = $2 \(condition) LIMIT 1
                """,
                [
                    .integer(try connection.slot(of: tenant)),
                    .smallint(Int16(StreamFold.version)),
                ] + parameters
            )
            var row = try DocumentRow.read(rows).first
            if let position = row?.position {
                row?.snapshot = SnapshotBinding(position, leaf: try rows.bytes(0, 8))
            }
            return row
        }
        guard let row else { return nil }
        return Snapshot(
            tag: row.stream,
            version: row.version,
            position: row.position,
            content: try await documents.open([row], of: tenant)[row.stream]
        )
    }
}

extension Connection {
    /// Keeps snapshots, in a transaction that is scoped to their tenant.
    func put(snapshots rows: [DocumentRow], of tenant: TenantID) throws(PostgresError) {
        guard !rows.isEmpty else { return }
        var (streams, versions) = (ArrayColumn(.uuid), ArrayColumn(.integer))
        var (positions, bodies) = (ArrayColumn(.bigint), ArrayColumn(.bytea))
        for row in rows {
            row.stream.withUnsafeBytes { streams.append($0) }
            versions.append(Int32(clamping: row.version))
            positions.append(Int64(row.position))
            bodies.append(row.body)
        }
        _ = try query(
            """
            INSERT INTO tally.snapshot (slot, stream, version, position, fold, body)
            SELECT $1, s, v, p, $2, b FROM unnest($3::uuid[], $4::int[], $5::bigint[], $6::bytea[])
                r (s, v, p, b)
            ON CONFLICT DO NOTHING
            """,
            [
                .integer(try slot(of: tenant)), .smallint(Int16(StreamFold.version)),
                Parameter(streams), Parameter(versions), Parameter(positions), Parameter(bodies),
            ]
        )
    }

    /// Drops all snapshots of some streams; gives how many.
    func dropSnapshots(of streams: [BlindTag], _ tenant: TenantID) throws(PostgresError) -> Int {
        var column = ArrayColumn(.uuid)
        for stream in streams { stream.withUnsafeBytes { column.append($0) } }
        return try query(
            "DELETE FROM tally.snapshot WHERE slot = $1 AND stream = ANY ($2) RETURNING 1",
            [.integer(try slot(of: tenant)), Parameter(column)]
        ).count
    }
}
