// Request rows against the events they name: first position, count and time must fit, and all
// together must cover every caller's event from the oldest row on.

internal import TallyCore
internal import TallyPostgres
internal import TallyStore

/// Checks the rows of tally.append_request of one tenant.
struct RequestCheck: Sendable {
    private static let pageRows: Int32 = 5000

    /// A finding with the position of the last event that its row names.
    struct Found: Sendable {
        let finding: Finding
        let lastPosition: Int?
    }

    private let size: Int
    private(set) var rows = 0
    private(set) var sound = 0
    /// The first position that a row covers; older rows were pruned.
    private var first = Int.max
    private var cover = Cover()
    private var newest: RequestRow?
    private(set) var findings: [Found] = []
    private(set) var findingCount = 0

    /// Reads all rows, a page at a time; rows of requests that came after `size` are left out.
    static func run(
        _ tenant: TenantID,
        size: Int,
        reader: Session
    ) async throws(Problem) -> RequestCheck {
        var check = RequestCheck(size: size)
        var after = ""
        while true {
            let start = after
            let page = try await reader.run { connection in
                try RequestRow.read(connection, tenant, after: start, limit: pageRows)
            }
            for row in page { check.add(row) }
            guard let last = page.last else { return check }
            after = last.id
        }
    }

    private init(size: Int) {
        self.size = size
    }

    private mutating func add(_ row: RequestRow) {
        // Two events at one position give each row that ends there twice.
        guard row != newest else { return }
        newest = row
        if row.first >= size, row.lastLeaf != nil { return }
        rows += 1
        guard row.first > 0, row.count > 0, let end = row.end, end <= size else {
            return note(row, "a request row names events that are not there")
        }
        cover.add(row.first, end)
        first = min(first, row.first)
        // Without the event itself there is nothing to compare with, and the log says so.
        guard let last = row.lastLeaf.flatMap({ try? Leaf(decoding: $0) }),
            Int(exactly: last.position) == end - 1
        else { return }
        guard last.kind.isSealed, last.recordedAt == row.recordedAt else {
            return note(row, "a request row does not fit the events it names")
        }
        sound += 1
    }

    private mutating func note(_ row: RequestRow, _ evidence: String) {
        findingCount += 1
        guard findings.count < LogVerifier.maximumFindings else { return }
        let finding = Finding(.alteredRequest, at: row.first, evidence)
        findings.append(Found(finding: finding, lastPosition: row.end.map { $0 - 1 }))
    }

    /// Takes note of an event that no request row covers, because the ledger wrote it.
    mutating func pass(_ record: EventRecord) {
        guard let leaf = record.leaf, !leaf.kind.isSealed, record.place >= first else { return }
        cover.add(record.place, record.place &+ 1)
    }

    /// Looks for callers' events that no row covers or that two do, if there are any.
    mutating func locateGaps(
        _ tenant: TenantID,
        reader: Session
    ) async throws(Problem) {
        guard rows > 0, findings.isEmpty, !cover.isExactly(first, size) else { return }
        let size = size
        let gaps = try await reader.run { try RequestGap.read($0, tenant, size: size) }
        findingCount += gaps.count
        findings += gaps.map { Found(finding: $0.finding, lastPosition: nil) }
        sound -= min(sound, gaps.count)
    }
}

/// Whether stretches of positions cover a range once and without gaps, in constant memory.
///
/// Each stretch adds a mark of its end and takes away one of its start. In a chain of stretches
/// all marks but the outermost cancel out. The marks are keyed again in each process, so nobody
/// can find other stretches with the same sum.
private struct Cover {
    private var sum = 0

    mutating func add(_ first: Int, _ end: Int) {
        sum &+= Self.mark(end) &- Self.mark(first)
    }

    func isExactly(_ first: Int, _ end: Int) -> Bool {
        sum == Self.mark(end) &- Self.mark(first)
    }

    private static func mark(_ position: Int) -> Int { position.hashValue }
}
