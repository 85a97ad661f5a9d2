// Reads rows of a tenant's log by position or by stream, a page in a short transaction each.

package import TallyCore
internal import TallyCrypto
package import TallyPostgres

/// Reading stored events as they are, without opening them: for tally_reader or tally_auditor.
extension Session {
    /// Gives `body` each row of a range of positions, in order, on the connection's thread.
    ///
    /// No snapshot lives longer than one call, so keep ranges short.
    package func read<Value: Sendable>(
        _ tenant: TenantID,
        _ range: Range<Int>,
        _ body:
            @escaping @Sendable (_ rows: (_ each: (StoredEvent) -> Void) throws -> Void)
            throws -> Value
    ) async throws(Problem) -> Value {
        try await run { connection in
            try Self.scoped(connection, tenant) {
                let query = Self.select(try connection.slot(of: tenant), range)
                return try body { try Self.copy(connection, query, $0) }
            }
        }
    }

    /// As ``read(_:_:_:)`` for the rows in a slot, whosever the table of tenants says it is; with
    /// the rows' event ids.
    package func read<Value: Sendable>(
        slot: Int32,
        _ range: Range<Int>,
        _ body:
            @escaping @Sendable (_ rows: (_ each: (StoredEvent) -> Void) throws -> Void)
            throws -> Value
    ) async throws(Problem) -> Value {
        try await run { connection in
            try connection.transaction {
                try connection.execute("SET LOCAL tally.slot = '\(slot)'")
                let query = Self.select(slot, range, and: ", event_id")
                return try body { try Self.copy(connection, query, $0) }
            }
        }
    }

    private static func copy(
        _ connection: Connection,
        _ query: String,
        _ each: (StoredEvent) -> Void
    ) throws {
        try connection.copyOut(query) { each(try event($0)) }
    }

    /// The rows of a range of positions.
    package func events(
        _ tenant: TenantID,
        _ range: Range<Int>
    ) async throws(Problem) -> [StoredEvent] {
        try await read(tenant, range) { rows in
            var events: [StoredEvent] = []
            try rows { events.append($0) }
            return events
        }
    }

    /// The first rows of a range of positions, as many as hold ``StoreLimits/pageBytes``, at least
    /// one.
    package func page(
        _ tenant: TenantID,
        _ range: Range<Int>
    ) async throws(Problem) -> [StoredEvent] {
        try await scoped(tenant) { connection in
            var events: [StoredEvent] = []
            let slot = try connection.slot(of: tenant)
            let query = try Self.select(slot, Self.fitting(connection, slot, range))
            try connection.copyOut(query) { events.append(try Self.event($0)) }
            return events
        }
    }

    /// The beginning of a range that holds no more bytes than a page may, but at least one row.
    private static func fitting(
        _ connection: Connection,
        _ slot: Int32,
        _ range: Range<Int>
    ) throws(PostgresError) -> Range<Int> {
        let rows = try connection.query(
            "SELECT tally.page_end($1, $2, $3, $4)",
            [
                .integer(slot), .bigint(Int64(clamping: range.lowerBound)),
                .bigint(Int64(clamping: range.upperBound)),
                .bigint(Int64(clamping: StoreLimits.pageBytes)),
            ]
        )
        return range.clamped(to: range.lowerBound..<max(range.lowerBound, try rows.natural(0, 0)))
    }

    /// Up to `limit` events of a stream after a version, as many as hold ``StoreLimits/pageBytes``,
    /// at least one.
    package func events(
        _ tenant: TenantID,
        stream: BlindTag,
        after version: Int,
        limit: Int
    ) async throws(Problem) -> [StoredEvent] {
        try await scoped(tenant) { connection in
            let rows = try connection.query(
                """
                SELECT event_position, event_version, event_leaf, event_body
                FROM tally.read_stream($1, $2, $3, $4, $5)
                """,
                [
                    .integer(try connection.slot(of: tenant)), .uuid(stream.bytes),
                    .integer(Int32(clamping: version)),
                    .integer(Int32(clamping: limit)), Self.pageBytes,
                ]
            )
            return try Self.events(rows, of: stream)
        }
    }

    /// Up to `limit` events of a stream, newest first, of some version or an earlier one and before
    /// some position; as many as hold ``StoreLimits/pageBytes``, at least one.
    package static func newest(
        _ connection: Connection,
        _ tenant: TenantID,
        stream: BlindTag,
        through version: Int,
        before position: Int,
        limit: Int
    ) throws(PostgresError) -> [StoredEvent] {
        let rows = try connection.query(
            """
            SELECT event_position, event_version, event_leaf, event_body
            FROM tally.read_stream_back($1, $2, $3, $4, $5, $6)
            """,
            [
                .integer(try connection.slot(of: tenant)), .uuid(stream.bytes),
                .integer(Int32(clamping: version)),
                .bigint(Int64(clamping: position)), .integer(Int32(clamping: limit)), pageBytes,
            ]
        )
        return try events(rows, of: stream)
    }

    /// The first events at some positions, in order, as many as hold ``StoreLimits/pageBytes``, at
    /// least one.
    package static func events(
        _ connection: Connection,
        _ tenant: TenantID,
        at positions: [Int]
    ) throws(PostgresError) -> [StoredEvent] {
        var column = ArrayColumn(.bigint)
        for position in positions { column.append(Int64(position)) }
        return try whole(
            connection.query(
                "SELECT * FROM tally.read_positions($1, $2, $3)",
                [
                    .integer(try connection.slot(of: tenant)), Parameter(column),
                    pageBytes,
                ]
            )
        )
    }

    static let pageBytes = Parameter.bigint(Int64(StoreLimits.pageBytes))

    /// The newest event of each stream after a tag, in the order of tags, and whether there are no
    /// more.
    ///
    /// It gives as many as hold ``StoreLimits/pageBytes``, at least one.
    package func newestOfStreams(
        _ tenant: TenantID,
        after stream: BlindTag,
        limit: Int
    ) async throws(Problem) -> (events: [StoredEvent], isLast: Bool) {
        let events = try await scoped(tenant) { connection in
            try Self.whole(
                connection.query(
                    "SELECT * FROM tally.list_streams($1, $2, $3, $4)",
                    [
                        .integer(try connection.slot(of: tenant)), .uuid(stream.bytes),
                        .integer(Int32(clamping: limit)),
                        Self.pageBytes,
                    ]
                )
            )
        }
        let bytes = events.reduce(0) { $0 + $1.body.count }
        return (events, events.count < limit && bytes < StoreLimits.pageBytes)
    }

    /// The newest events of some streams up to a version each, `each` of a stream, in the order
    /// asked and backwards: the first of them that hold ``StoreLimits/pageBytes``, at least one.
    ///
    /// - Returns: the events, with the index of what was asked for.
    package func newest(
        _ tenant: TenantID,
        _ wanted: [(stream: BlindTag, through: Int)],
        each: Int
    ) async throws(Problem) -> [(index: Int, event: StoredEvent)] {
        var streams = ArrayColumn(.uuid)
        var versions = ArrayColumn(.integer)
        for (stream, version) in wanted {
            stream.withUnsafeBytes { streams.append($0) }
            versions.append(Int32(clamping: version))
        }
        let parameters = [
            Parameter(streams), Parameter(versions), .integer(Int32(clamping: each)),
            Self.pageBytes,
        ]
        return try await scoped(tenant) { connection in
            let rows = try connection.query(
                "SELECT * FROM tally.read_newest($1, $2, $3, $4, $5)",
                [.integer(try connection.slot(of: tenant))] + parameters
            )
            let events = try Self.whole(rows)
            return try events.indices.map { (try rows.natural($0, 5) - 1, events[$0]) }
        }
    }

    /// Rows of position, stream, version, leaf and body.
    static func whole(_ rows: Rows) throws(PostgresError) -> [StoredEvent] {
        var events: [StoredEvent] = []
        for row in 0..<rows.count {
            events.append(
                StoredEvent(
                    position: try rows.natural(row, 0),
                    stream: rows.optionalBytes(row, 1).flatMap { BlindTag($0) },
                    version: try rows.optionalNatural(row, 2),
                    leaf: rows.optionalBytes(row, 3) ?? [],
                    body: rows.optionalBytes(row, 4) ?? []
                )
            )
        }
        return events
    }

    private static func events(
        _ rows: Rows,
        of stream: BlindTag
    ) throws(PostgresError) -> [StoredEvent] {
        var events: [StoredEvent] = []
        for row in 0..<rows.count {
            events.append(
                StoredEvent(
                    position: try rows.natural(row, 0),
                    stream: stream,
                    version: try rows.natural(row, 1),
                    leaf: rows.optionalBytes(row, 2) ?? [],
                    body: rows.optionalBytes(row, 3) ?? []
                )
            )
        }
        return events
    }

    /// The number of events a tenant has.
    package func size(_ tenant: TenantID) async throws(Problem) -> Int {
        let size = try await run { try Self.size($0, slot: $0.slot(of: tenant)) }
        guard let size else {
            throw Problem(
                .notFound,
                "no such tenant",
                hint: "check the name with \(.listTenants)"
            )
        }
        return size
    }

    /// The number of events in a slot; `nil` where it has no head.
    static func size(_ connection: Connection, slot: Int32) throws(PostgresError) -> Int? {
        let rows = try connection.query(
            "SELECT size FROM tally.head WHERE slot = $1",
            [.integer(slot)]
        )
        return rows.count == 0 ? nil : try rows.natural(0, 0)
    }

    private static func select(
        _ slot: Int32,
        _ range: Range<Int>,
        and columns: String = ""
    ) -> String {
        """
        SELECT position, stream, version, leaf, body\(columns) FROM tally.event
        WHERE slot = \(slot) AND position >= \(range.lowerBound)
        AND position < \(range.upperBound) ORDER BY position
        """
    }

    private static func event(_ row: CopyRow) throws(PostgresError) -> StoredEvent {
        StoredEvent(
            position: Int(try row.integer(0)),
            stream: row.columns[1].flatMap { BlindTag($0) },
            version: row.columns[2] == nil ? nil : Int(try row.integer(2)),
            // Where a constraint was dropped there may be none: an empty one is as wrong.
            leaf: row.columns[3] ?? [],
            body: row.columns[4] ?? [],
            eventID: row.columns.count > 5 ? row.columns[5].flatMap { EventID($0) } : nil
        )
    }
}
