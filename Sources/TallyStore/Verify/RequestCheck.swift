// Request rows against the events they name: first position, count and time must fit.

internal import TallyCore
internal import TallyPostgres

/// Checks the rows of tally.append_request of one tenant.
struct RequestCheck {
    private static let pageRows: Int32 = 5000

    /// What the rows say together.
    struct Result: Sendable {
        var rows = 0
        var sound = 0
        /// Events that the rows cover.
        var covered = 0
        /// The first position that a row covers; older rows were pruned.
        var first = Int.max
        var findings: [Finding] = []
    }

    /// Reads all rows about positions below `size`, a page at a time.
    static func run(
        _ tenant: TenantID, size: Int, reader: LogReader
    ) async throws(StoreError) -> Result {
        var result = Result()
        var after = ""
        while true {
            let start = after
            let page = try await reader.run { connection in
                let rows = try connection.query(
                    """
                    SELECT request_id, first_position, event_count, recorded_at, last_leaf
                    FROM tally.read_requests($1, $2, $3)
                    """, [.uuid(tenant.bytes), .text(start), .integer(pageRows)])
                return try (0..<rows.count).map { row in
                    RequestRow(
                        id: try rows.text(row, 0), first: Int(try rows.integer(row, 1)),
                        count: Int(try rows.integer(row, 2)),
                        recordedAt: UInt64(clamping: try rows.integer(row, 3)),
                        lastLeaf: rows.optionalBytes(row, 4))
                }
            }
            for row in page where row.first < size || row.first + row.count <= size {
                result.add(row, size: size)
            }
            guard let last = page.last else { return result }
            after = last.id
        }
    }
}

private struct RequestRow: Sendable {
    let id: String
    let first: Int
    let count: Int
    let recordedAt: UInt64
    let lastLeaf: [UInt8]?
}

extension RequestCheck.Result {
    fileprivate mutating func add(_ row: RequestRow, size: Int) {
        rows += 1
        let last = row.lastLeaf.flatMap { try? Leaf(decoding: $0) }
        guard row.first > 0, row.count > 0, row.first + row.count <= size, let last,
            last.kind.isSealed, last.recordedAt == row.recordedAt
        else {
            findings.append(
                Finding(
                    .alteredRequest, at: row.first,
                    "a request row does not fit the events it names"))
            return
        }
        sound += 1
        covered += row.count
        first = min(first, row.first)
    }
}
