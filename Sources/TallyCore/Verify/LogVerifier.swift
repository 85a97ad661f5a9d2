// The ordered pass over a tenant's log: links, times, ids, state, and the head at the end. It
// reads no database and no clock; an auditor's program can run it over any source of rows.

package import TallyCrypto

/// Verifies one tenant's log from records in the order of their positions.
///
/// Feed it with ``add(_:)``, then ask ``finish()``. Memory does not grow with the log, but for
/// findings, which are bounded, and purged parts.
package struct LogVerifier: ~Copyable {
    /// How many findings are kept; all are counted.
    package static let maximumFindings = 1000

    private let facts: TenantFacts
    private var hash = SHA256()
    private var tree = MerkleTree()
    private var links: LinkChecker
    private var filter: DuplicateFilter
    private var purges = PurgeLedger()
    private var fold = ControlFold()
    private var next = 0
    private var lastTime: UInt64?
    private var report = LogReport()
    /// Ids that may occur twice; whoever has the rows looks at them again.
    package private(set) var suspects: Set<EventID> = []

    /// Begins at the genesis event of the tenant that `facts` claims.
    package init(_ facts: TenantFacts) {
        self.facts = facts
        let genesis = Leaf.genesisPrevious(
            ledger: facts.ledger, tenant: facts.tenant, slot: facts.slot)
        links = LinkChecker(genesis: genesis)
        filter = DuplicateFilter(expecting: facts.size)
    }

    /// Takes the next record; positions that are skipped are missing events.
    package mutating func add(_ record: EventRecord) {
        guard record.position >= next else {
            return note(
                [Finding(.duplicatedEvent, at: record.position, "two rows at one position")])
        }
        skip(to: record.position)
        next = record.position + 1
        report.events += 1
        note(record.findings)
        note(links.add(record))
        if record.soundBody, record.missingParts.isEmpty { report.bodies += 1 }
        tree.append(record.hash, with: &hash)
        guard let leaf = record.leaf else { return }
        if filter.insert(leaf.eventID) { suspects.insert(leaf.eventID) }
        checkTime(leaf, at: record.position)
        if leaf.kind.isSealed { report.recorded += 1 }
        for part in record.missingParts { purges.miss(record.position, part) }
        note(fold.add(leaf.kind, record, facts, &purges))
    }

    private mutating func skip(to position: Int) {
        guard position > next else { return }
        let count = position - next
        let range = count == 1 ? "event \(next)" : "events \(next) to \(position - 1)"
        note([Finding(.missingEvent, at: next, "\(range): no row")], count: count)
        links.breakOff()
        report.missing += count
        next = position
    }

    private mutating func checkTime(_ leaf: Leaf, at position: Int) {
        if let lastTime, leaf.recordedAt <= lastTime {
            note([Finding(.backDated, at: position, "not later than the event before it")])
        }
        lastTime = leaf.recordedAt
    }

    private mutating func note(_ findings: [Finding], count: Int? = nil) {
        report.findingCount += count ?? findings.count
        let room = Self.maximumFindings - report.findings.count
        report.findings += findings.prefix(max(0, room))
    }

    /// Compares the end of the log with the head and gives the whole report.
    package consuming func finish() -> LogReport {
        skip(to: facts.size)
        let (findings, lastHash) = links.finish(head: facts.lastLeafHash, size: facts.size)
        note(findings)
        note(purges.unexcused())
        if report.missing == 0, lastHash != nil, facts.recordedAt != lastTime {
            note([Finding(.alteredHead, "recorded_at is not the last event's")])
        }
        if facts.state != fold.state.rawValue {
            note([Finding(.alteredHead, "state is not what the log's events make of it")])
        }
        report.links = links.sound
        report.altered = links.altered
        report.purgedParts = purges.excusedCount
        report.root = tree.root(with: &hash)
        return report
    }
}

/// The result of an ordered pass.
package struct LogReport: Sendable {
    /// Rows seen.
    package var events = 0
    /// Positions without a row.
    package var missing = 0
    /// Links that hold: each event's `previous`, and the head's hash.
    package var links = 0
    /// Events whose own bytes are not what their successor commits to.
    package var altered = 0
    /// Events all of whose parts match their digests.
    package var bodies = 0
    /// Events of kinds 1 and 10.
    package var recorded = 0
    /// Parts whose absence a later partsPurged explains.
    package var purgedParts = 0
    /// The root of the tenant's tree over the rows seen.
    package var root = Digest.zero
    /// How many findings there are.
    package var findingCount = 0
    /// The first of them.
    package var findings: [Finding] = []
}
