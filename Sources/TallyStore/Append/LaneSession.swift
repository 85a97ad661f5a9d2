// A lane's conversation with PostgreSQL: the functions it calls, each by name.

internal import TallyCore
internal import TallyPostgres
internal import TallyVault

/// What the append function says of one request.
enum LaneVerdict: String {
    case stored, duplicate, busy, conflict, frozen, erased, retry
    case unknownTenant = "unknown_tenant"
    case keyFenced = "key_fenced"
}

/// The verdicts of a batch, in the order of its requests.
struct LaneAnswer {
    let verdicts: [LaneVerdict]
    /// Whether it was not taken whole, although what the lane knew let it expect that.
    let wasJudged: Bool

    static let none = LaneAnswer(verdicts: [], wasJudged: false)
}

/// What the database says of a request that a lane would refuse.
struct Judgement {
    let state: TenantState
    /// Whether its first event is there.
    let isKnown: Bool
    let versions: [BlindTag: Int]
}

/// One connection's calls.
struct LaneSession {
    let connection: Connection

    /// Stores a batch in one transaction of its own, without waiting for any head.
    ///
    /// The form of the append that nearly all batches need is called first; only what that one
    /// refuses is judged request by request.
    func append(_ columns: LaneColumns) throws(PostgresError) -> LaneAnswer {
        let warnings = connection.warningCount
        let answer: LaneAnswer
        if let whole = try appendWhole(columns) {
            answer = whole
        } else {
            answer = try judged(columns)
        }
        try connection.requireConfirmation(since: warnings)
        return answer
    }

    /// Stores one tenant's batch inside the caller's transaction, which holds the head.
    func append(_ columns: LaneColumns, slot: Int32) throws(PostgresError) -> LaneAnswer {
        let rows = try connection.query(
            """
            SELECT verdict FROM tally.append_tenant($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, \
            $12, $13, $14, $15)
            """,
            [.integer(slot)] + columns.parametersAfterSlots
        )
        return LaneAnswer(verdicts: try Self.verdicts(rows), wasJudged: false)
    }

    /// Stores all of a batch; `nil` when something is in the way of it.
    private func appendWhole(_ columns: LaneColumns) throws(PostgresError) -> LaneAnswer? {
        do throws(PostgresError) {
            if columns.isPlain {
                _ = try connection.query(
                    """
                    SELECT tally.append_plain($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
                    """,
                    columns.plainParameters
                )
            } else {
                _ = try connection.query(
                    """
                    SELECT tally.append_batch($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, \
                    $13, $14)
                    """,
                    columns.plainParameters + columns.furtherParameters
                )
            }
            let all = Array(repeating: LaneVerdict.stored, count: columns.requestCount)
            return LaneAnswer(verdicts: all, wasJudged: false)
        } catch  where RefusalCode(error) == .hindered || error.sqlState == "23505" {
            return nil
        }
    }

    private func judged(_ columns: LaneColumns) throws(PostgresError) -> LaneAnswer {
        let rows = try connection.query(
            """
            SELECT verdict FROM tally.append_judged($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, \
            $12, $13, $14, $15)
            """,
            columns.parameters
        )
        return LaneAnswer(verdicts: try Self.verdicts(rows), wasJudged: true)
    }

    private static func verdicts(_ rows: Rows) throws(PostgresError) -> [LaneVerdict] {
        try rows.map { row throws(PostgresError) in
            guard let verdict = LaneVerdict(rawValue: try row["verdict"].text()) else {
                throw PostgresError(.unexpectedResult, message: "an unknown verdict")
            }
            return verdict
        }
    }

    func heads(_ tenants: [TenantID]) throws(PostgresError) -> [TenantID: KnownHead] {
        var column = ArrayColumn(.uuid)
        for tenant in tenants { column.append(tenant.bytes) }
        let rows = try connection.query(
            """
            SELECT tenant_id, slot, size, last_leaf_hash, is_plain,
                greatest(recorded_at, closed_through) AS floor
            FROM tally.read_heads($1)
            """,
            [Parameter(column)]
        )
        var heads: [TenantID: KnownHead] = [:]
        for row in rows {
            heads[try row["tenant_id"].id()] = try Self.head(row)
        }
        return heads
    }

    /// Locks a tenant's head until the transaction ends.
    func lockHead(_ tenant: TenantID) throws(PostgresError) -> KnownHead? {
        let rows = try connection.query(
            """
            SELECT slot, size, last_leaf_hash, false AS is_plain,
                greatest(recorded_at, closed_through) AS floor
            FROM tally.lock_head($1)
            """,
            [.integer(try connection.slot(of: tenant))]
        )
        return try rows.map { row throws(PostgresError) in try Self.head(row) }.first
    }

    private static func head(_ row: Row) throws(PostgresError) -> KnownHead {
        KnownHead(
            slot: Int32(clamping: try row["slot"].integer()),
            size: try row["size"].natural(),
            lastLeafHash: try row["last_leaf_hash"].digest(),
            floor: try row["floor"].time(),
            isPlain: try row["is_plain"].bool()
        )
    }

    /// The versions of streams, in the order of the pairs.
    func versions(_ pairs: [(slot: Int32, stream: BlindTag)]) throws(PostgresError) -> [Int] {
        var slots = ArrayColumn(.integer)
        var streams = ArrayColumn(.uuid)
        for (slot, stream) in pairs {
            slots.append(slot)
            streams.append(stream.bytes)
        }
        let rows = try connection.query(
            "SELECT version FROM tally.read_versions($1, $2)",
            [Parameter(slots), Parameter(streams)]
        )
        return try rows.map { row throws(PostgresError) in try row["version"].natural() }
    }

    /// Everything that a refusal rests on, in one snapshot.
    func judge(_ request: SealedRequest) throws(PostgresError) -> Judgement? {
        guard let first = request.events.first else { return nil }
        return try judge(request.tenant, first.eventID, request.events.map(\.stream))
    }

    /// What the database says of a request by its first event's id, and of the streams that it is
    /// about.
    func judge(
        _ tenant: TenantID,
        _ first: EventID,
        _ touched: [BlindTag]
    ) throws(PostgresError) -> Judgement? {
        let streams = Array(Set(touched))
        var column = ArrayColumn(.uuid)
        for stream in streams { column.append(stream.bytes) }
        let rows = try connection.query(
            "SELECT state, known, versions FROM tally.judge($1, $2, $3)",
            [
                .integer(try connection.slot(of: tenant)), .uuid(first.bytes), Parameter(column),
            ]
        )
        return try rows.map { row throws(PostgresError) in
            let state = UInt8(clamping: try row["state"].integer())
            return Judgement(
                state: TenantState(rawValue: state) ?? .erased,
                isKnown: try row["known"].bool(),
                versions: Dictionary(
                    uniqueKeysWithValues: zip(streams, try row["versions"].naturals())
                )
            )
        }.first
    }
}
