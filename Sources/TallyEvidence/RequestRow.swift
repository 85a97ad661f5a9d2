// The rows of tally.append_request as a verifier reads them, and the gaps between them.

internal import TallyCore
internal import TallyPostgres

/// A row of tally.append_request.
struct RequestRow: Sendable, Equatable {
    let id: String
    let first: Int
    let count: Int
    let recordedAt: UInt64
    /// The leaf of the last event that the row names, if there is such an event.
    let lastLeaf: [UInt8]?

    static func == (left: Self, right: Self) -> Bool {
        ByteText(left.id) == ByteText(right.id) && left.first == right.first
            && left.count == right.count
            && left.recordedAt == right.recordedAt
    }

    /// The position after the last event, if there can be one.
    var end: Int? {
        let (end, isTooLarge) = first.addingReportingOverflow(count)
        return isTooLarge || end < 1 ? nil : end
    }

    static func read(
        _ connection: Connection,
        _ tenant: TenantID,
        after id: String,
        limit: Int32
    ) throws(PostgresError) -> [RequestRow] {
        let rows = try connection.query(
            """
            SELECT request_id, first_position, event_count, recorded_at, last_leaf
            FROM tally.read_requests($1, $2, $3)
            """,
            [.uuid(tenant.bytes), .text(id), .integer(limit)]
        )
        return try rows.map { row throws(PostgresError) in
            RequestRow(
                id: try row["request_id"].text(),
                first: Int(try row["first_position"].integer()),
                count: Int(try row["event_count"].integer()),
                recordedAt: UInt64(bitPattern: try row["recorded_at"].integer()),
                lastLeaf: try row["last_leaf"].optionalBytes()
            )
        }
    }
}

/// A stretch of positions that no request row covers, or more than one.
struct RequestGap: Sendable {
    /// Where the next row starts.
    let start: Int
    /// Where the row before ends.
    let end: Int

    /// Reads the gaps with callers' events in them, and the overlaps.
    static func read(
        _ connection: Connection,
        _ tenant: TenantID,
        size: Int
    ) throws(PostgresError) -> [RequestGap] {
        let rows = try connection.query(
            """
            SELECT r.first, r.expected FROM (
                SELECT q.first, lag(q.last + 1) OVER (ORDER BY q.first, q.last) AS expected
                FROM (
                    SELECT first_position AS first, first_position + event_count - 1 AS last
                    FROM tally.append_request
                    WHERE tenant_id = $1 AND event_count > 0
                        AND first_position >= 0 AND first_position < $2
                    UNION ALL SELECT $2, $2
                ) q
            ) r
            WHERE r.first < r.expected OR EXISTS (
                SELECT FROM tally.event e
                WHERE e.tenant_id = $1 AND e.position >= r.expected AND e.position < r.first
                    AND substr(e.leaf, 3, 1) IN ('\\x01', '\\x0a')
                    AND substr(e.leaf, 20, 8) = int8send(e.position))
            ORDER BY r.first LIMIT \(LogVerifier.maximumFindings)
            """,
            [.uuid(tenant.bytes), .bigint(Int64(clamping: size))]
        )
        return try (0..<rows.count).map { row throws(PostgresError) in
            RequestGap(
                start: Int(try rows.integer(row, 0)),
                end: Int(try rows.integer(row, 1))
            )
        }
    }

    var finding: Finding {
        end < start
            ? Finding(.alteredRequest, at: end, "no request row covers the events to \(start - 1)")
            : Finding(.alteredRequest, at: start, "two request rows cover events from here on")
    }
}
