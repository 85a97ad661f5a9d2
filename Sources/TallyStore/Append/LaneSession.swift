// A lane's conversation with PostgreSQL: the functions it calls, each by name.

internal import TallyCore
internal import TallyCrypto
internal import TallyPostgres

/// What the append function says of one request.
struct LaneVerdict {
    enum Word: String {
        case stored, duplicate, busy, conflict, frozen, erased, retry
        case requestReused = "request_reused"
        case unknownTenant = "unknown_tenant"
        case keyFenced = "key_fenced"
    }

    let word: Word
    /// For a duplicate: where its events are.
    let firstPosition: Int
    let eventCount: Int
}

/// What the database says of a request that a lane would refuse.
struct Judgement {
    let state: TenantState
    let digest: Digest?
    /// Where the request's events are, if it was stored before.
    let stored: (firstPosition: Int, eventCount: Int)?
    let versions: [BlindTag: Int]
}

/// One connection's calls.
struct LaneSession {
    let connection: Connection

    /// Stores a batch in one transaction of its own, without waiting for any head.
    func append(_ columns: LaneColumns) throws(PostgresError) -> [LaneVerdict] {
        let warnings = connection.warningCount
        let rows = try connection.query(
            """
            SELECT verdict, first_position, event_count
            FROM tally.append_lane($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            """,
            columns.parameters
        )
        try connection.requireConfirmation(since: warnings)
        return try verdicts(rows)
    }

    /// Stores one tenant's batch inside the caller's transaction, which holds the head.
    func append(_ columns: LaneColumns, tenant: TenantID) throws(PostgresError) -> [LaneVerdict] {
        let rows = try connection.query(
            """
            SELECT verdict, first_position, event_count
            FROM tally.append_tenant($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            """,
            [.uuid(tenant.bytes)] + columns.parametersAfterTenants
        )
        return try verdicts(rows)
    }

    private func verdicts(_ rows: Rows) throws(PostgresError) -> [LaneVerdict] {
        var verdicts: [LaneVerdict] = []
        for row in 0..<rows.count {
            guard let word = LaneVerdict.Word(rawValue: try rows.text(row, 0)) else {
                throw PostgresError(.unexpectedResult, message: "an unknown verdict")
            }
            let isKnown = word == .duplicate
            verdicts.append(
                LaneVerdict(
                    word: word,
                    firstPosition: isKnown ? try rows.natural(row, 1) : 0,
                    eventCount: isKnown ? try rows.natural(row, 2) : 0
                )
            )
        }
        return verdicts
    }

    func heads(_ tenants: [TenantID]) throws(PostgresError) -> [TenantID: KnownHead] {
        var column = ArrayColumn(.uuid)
        for tenant in tenants { column.append(tenant.bytes) }
        let rows = try connection.query(
            """
            SELECT tenant_id, size, last_leaf_hash, greatest(recorded_at, closed_through)
            FROM tally.read_heads($1)
            """,
            [Parameter(column)]
        )
        return try heads(rows)
    }

    /// Locks a tenant's head until the transaction ends.
    func lockHead(_ tenant: TenantID) throws(PostgresError) -> KnownHead? {
        let rows = try connection.query(
            """
            SELECT tenant_id, size, last_leaf_hash, greatest(recorded_at, closed_through)
            FROM tally.lock_head($1)
            """,
            [.uuid(tenant.bytes)]
        )
        return try heads(rows)[tenant]
    }

    private func heads(_ rows: Rows) throws(PostgresError) -> [TenantID: KnownHead] {
        var heads: [TenantID: KnownHead] = [:]
        for row in 0..<rows.count {
            guard let tenant = TenantID(try rows.bytes(row, 0)),
                let hash = Digest(try rows.bytes(row, 2))
            else { throw PostgresError(.unexpectedResult, message: "a head of another shape") }
            heads[tenant] = KnownHead(
                size: try rows.natural(row, 1),
                lastLeafHash: hash,
                floor: try rows.time(row, 3)
            )
        }
        return heads
    }

    /// The versions of streams, in the order of the pairs.
    func versions(_ pairs: [(TenantID, BlindTag)]) throws(PostgresError) -> [Int] {
        var tenants = ArrayColumn(.uuid)
        var streams = ArrayColumn(.uuid)
        for (tenant, stream) in pairs {
            tenants.append(tenant.bytes)
            streams.append(stream.bytes)
        }
        let rows = try connection.query(
            "SELECT version FROM tally.read_versions($1, $2)",
            [Parameter(tenants), Parameter(streams)]
        )
        var versions: [Int] = []
        for row in 0..<rows.count { versions.append(try rows.natural(row, 0)) }
        return versions
    }

    /// Everything that a refusal rests on, in one snapshot.
    func judge(_ request: SealedRequest) throws(PostgresError) -> Judgement? {
        try judge(request.tenant, request.id, request.events.map(\.stream))
    }

    /// What the database says of a request by its id, and of the streams that it is about.
    func judge(
        _ tenant: TenantID,
        _ request: String,
        _ touched: [BlindTag]
    ) throws(PostgresError) -> Judgement? {
        let streams = Array(Set(touched))
        var column = ArrayColumn(.uuid)
        for stream in streams { column.append(stream.bytes) }
        let rows = try connection.query(
            """
            SELECT state, digest, first_position, event_count, versions
            FROM tally.judge($1, $2, $3)
            """,
            [.uuid(tenant.bytes), .text(request), Parameter(column)]
        )
        guard rows.count == 1 else { return nil }
        let versions = try rows.naturals(0, 4)
        let stored =
            rows.isNull(0, 2)
            ? nil : (try rows.natural(0, 2), try rows.natural(0, 3))
        return Judgement(
            state: TenantState(rawValue: UInt8(clamping: try rows.integer(0, 0))) ?? .erased,
            digest: rows.optionalBytes(0, 1).flatMap { Digest($0) },
            stored: stored,
            versions: Dictionary(uniqueKeysWithValues: zip(streams, versions))
        )
    }

    /// The receipts of a request that was stored before.
    func receipts(
        _ tenant: TenantID,
        first: Int,
        count: Int,
        with hash: inout SHA256
    ) throws(PostgresError) -> [Receipt] {
        let rows = try connection.query(
            """
            SELECT event_position, event_version, event_leaf
            FROM tally.read_receipts($1, $2, $3)
            """,
            [
                .uuid(tenant.bytes), .bigint(Int64(clamping: first)),
                .integer(Int32(clamping: count)),
            ]
        )
        return try Receipt.read(rows, with: &hash)
    }
}
