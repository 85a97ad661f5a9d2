// What the tables say of a tenant, read in one snapshot; the log has to bear it out.

internal import TallyCore
internal import TallyCrypto
internal import TallyPostgres
internal import TallyStore
internal import TallyVault

/// A tenant's row and head, and which positions have rows.
struct TenantClaims: Sendable {
    /// The claims as the ordered pass compares them.
    let facts: TenantFacts
    /// Where the tables have the tenant's rows.
    let slot: Int32
    /// The position after the last row, 0 without rows.
    let end: Int
    /// Positions with rows that no event of this log can have, the first of them.
    let outside: [Int]
    /// The registers of the same moment.
    let registers: RegisterRows
    /// What is wrong with the head's size.
    let findings: [Finding]

    /// Reads the claims; `nil` when the tenant has no row or no head.
    static func read(
        _ tenant: TenantID,
        _ reader: Session
    ) async throws(Problem) -> TenantClaims? {
        try await reader.run { connection in
            try connection.transaction {
                try connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                guard let ledger = try TenantQuery.ledger(connection),
                    let row = try TenantQuery.rows(
                        connection,
                        where: "t.tenant_id = $1",
                        [.uuid(tenant.bytes)]
                    ).first,
                    let head = try HeadClaim.read(connection, row)
                else { return nil }
                return try TenantClaims(ledger, row, head, connection)
            }
        }
    }

    private init(
        _ ledger: LedgerRow,
        _ row: TenantRow,
        _ head: HeadClaim,
        _ connection: Connection
    ) throws(PostgresError) {
        slot = Int32(clamping: row.slot)
        let size = try head.soundSize(slot, connection)
        facts = TenantFacts(
            ledger: ledger.id,
            origin: ledger.origin,
            tenant: row.id,
            slot: UInt32(truncatingIfNeeded: row.slot),
            region: row.region,
            nameDigest: TenantName.digest(tag: row.nameTag, sealed: row.nameSealed),
            size: size,
            lastLeafHash: row.lastLeafHash,
            recordedAt: head.recordedAt,
            state: head.state,
            source: row.source
        )
        registers = try RegisterRows.read(connection, slot: row.slot, isOwn: row.slot == 0)
        findings = head.findings(size: size, of: row.id)
        end = head.last == Int.max ? Int.max : head.last + 1
        outside =
            head.first < 0 || head.last >= size
            ? try Self.outside(size, slot, connection) : []
    }

    private static func outside(
        _ size: Int,
        _ slot: Int32,
        _ connection: Connection
    ) throws(PostgresError) -> [Int] {
        let limit = LogVerifier.maximumFindings
        let rows = try connection.query(
            """
            (SELECT position FROM tally.event WHERE slot = $1 AND position < 0
                ORDER BY position LIMIT \(limit))
            UNION ALL
            (SELECT position FROM tally.event WHERE slot = $1 AND position >= $2
                ORDER BY position LIMIT \(limit))
            """,
            [.integer(slot), .bigint(Int64(clamping: size))]
        )
        return try (0..<rows.count).map { row throws(PostgresError) in
            Int(try rows.integer(row, 0))
        }
    }
}

/// The head's numbers as they are stored, beside the first and last position that has a row.
private struct HeadClaim {
    /// Whose head it says it is.
    let tenant: TenantID?
    let size: Int
    let lastLeafHash: Digest?
    let recordedAt: UInt64
    /// The state, or 255 where the column holds a number that is none.
    let state: UInt8
    let first: Int
    let last: Int

    static func read(
        _ connection: Connection,
        _ tenant: TenantRow
    ) throws(PostgresError) -> HeadClaim? {
        let rows = try connection.query(
            """
            SELECT h.tenant_id, e.*
            FROM tally.read_extent($1) e JOIN tally.head h ON h.slot = $1
            """,
            [.integer(Int32(clamping: tenant.slot))]
        )
        guard rows.count == 1, let row = rows.first else { return nil }
        return HeadClaim(
            tenant: try row["tenant_id"].optionalID(),
            size: Int(try row["size"].integer()),
            lastLeafHash: Digest(try row["last_leaf_hash"].bytes()),
            recordedAt: UInt64(bitPattern: try row["recorded_at"].integer()),
            state: UInt8(exactly: try row["state"].integer()) ?? .max,
            first: Int(try row["first_position"].optionalInteger() ?? 0),
            last: Int(try row["last_position"].optionalInteger() ?? -1)
        )
    }

    /// The size, or what it was: the head's hash tells when it is that of the last row.
    func soundSize(
        _ slot: Int32,
        _ connection: Connection
    ) throws(PostgresError) -> Int {
        guard last >= 0, last < Int.max, size != last + 1 else { return max(0, size) }
        let rows = try connection.query(
            "SELECT leaf FROM tally.event WHERE slot = $1 AND position = $2 LIMIT 1",
            [.integer(slot), .bigint(Int64(clamping: last))]
        )
        guard let bytes = rows.optionalBytes(0, 0), let leaf = try? Leaf(decoding: bytes) else {
            return max(0, size)
        }
        var hash = SHA256()
        let isNewest =
            leaf.position == UInt64(last) && Leaf.hash(bytes, with: &hash) == lastLeafHash
        return isNewest ? last + 1 : max(0, size)
    }

    func findings(size sound: Int, of row: TenantID) -> [Finding] {
        var findings: [Finding] = []
        if tenant != row {
            let named = tenant?.hex ?? "none"
            findings.append(Finding(.alteredHead, "its tenant is \(named), not its slot's"))
        }
        if size != sound {
            findings.append(
                Finding(
                    .alteredHead,
                    at: sound > 0 ? sound - 1 : nil,
                    "its size is \(size), its hash is that of the last of \(sound) events"
                )
            )
        }
        return findings
    }
}
