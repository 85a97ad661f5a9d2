// The ordered pass over a tenant's log: links, times, ids, state, and the head at the end. It
// reads no database and no clock; an auditor's program can run it over any source of rows.

internal import TallyCrypto

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
    private var moved = MovedRows()
    private var next = 0
    /// The time of the newest event that stands where its leaf says.
    private var lastTime: UInt64?
    private var newest: EventRecord?
    private var report = LogReport()
    /// Ids that may occur twice; whoever has the rows looks at them again.
    package private(set) var suspects: Set<EventID> = []

    /// Begins at the genesis event of the tenant that `facts` claims.
    package init(_ facts: TenantFacts) {
        self.facts = facts
        let genesis = Leaf.genesisPrevious(
            ledger: facts.ledger,
            tenant: facts.tenant,
            slot: facts.slot
        )
        links = LinkChecker(genesis: genesis)
        filter = DuplicateFilter(expecting: facts.size)
    }

    /// Takes the next record; positions that are skipped are missing events.
    package mutating func add(_ record: EventRecord) {
        guard record.position >= 0, record.position < Int.max else {
            return report.note(
                [Finding(.insertedEvent, at: record.position, "no event can stand there")])
        }
        guard record.position >= next else {
            return report.note(
                [Finding(.duplicatedEvent, at: record.position, "two rows at one position")])
        }
        skip(to: record.position)
        next = record.position + 1
        newest = record
        report.events += 1
        if record.soundBody, record.missingParts.isEmpty { report.bodies += 1 }
        tree.append(record.hash, with: &hash)
        if let leaf = record.leaf {
            if filter.insert(leaf.eventID) { suspects.insert(leaf.eventID) }
            if leaf.kind.isSealed { report.recorded += 1 }
        }
        links.add(record)
        takeSettled()
    }

    private mutating func skip(to position: Int) {
        guard position > next else { return }
        let count = position - next
        let events = MovedRows.events(next, position - 1)
        report.note([Finding(.missingEvent, at: next, "\(events): no row")], count: count)
        report.missing += count
        next = position
    }

    // MARK: - Events whose links are known

    private mutating func takeSettled() {
        var settled: [(EventRecord, LinkVerdict)] = []
        swap(&settled, &links.settled)
        for (record, verdict) in settled { take(record, verdict) }
        settled.removeAll(keepingCapacity: true)
        swap(&settled, &links.settled)
    }

    /// An event that was altered is named once: nothing else that it says can be believed.
    private mutating func take(_ record: EventRecord, _ verdict: LinkVerdict) {
        if !record.isInPlace { moved.add(record) }
        switch verdict {
        case .altered(let evidence):
            report.altered += 1
            return noteAltered(record, evidence)
        case .named: report.intact += 1
        case .unproven: report.unproven += 1
        }
        report.note(record.findings.filter { $0.name != .swapped })
        guard let leaf = record.leaf else { return }
        checkTime(leaf, record)
        purges.miss(record.missingParts, at: record.place, isSound: record.soundBody)
        report.note(fold.add(leaf.kind, record, facts, &purges))
    }

    private mutating func noteAltered(_ record: EventRecord, _ evidence: String) {
        let own = record.findings.filter { [.alteredLeaf, .swapped].contains($0.name) }
        let all = (own.map(\.evidence) + [evidence]).joined(separator: "; ")
        report.note([Finding(.alteredLeaf, at: record.position, all)])
    }

    private mutating func checkTime(_ leaf: Leaf, _ record: EventRecord) {
        guard record.isInPlace else { return }
        if let lastTime, leaf.recordedAt <= lastTime {
            report.note(
                [Finding(.backDated, at: record.position, "not later than the event before it")])
        }
        lastTime = leaf.recordedAt
    }

    // MARK: - The end

    /// Compares the end of the log with the head and gives the whole report.
    package consuming func finish() -> LogReport {
        skip(to: facts.size)
        if facts.size > 0 {
            closeLinks()
        } else {
            report.note([Finding(.missingEvent, at: 0, "every log begins with its genesis event")])
        }
        report.note(purges.unexcused())
        report.note(fold.compareOrigin(facts))
        let isWhole = report.missing == 0 && report.altered == 0
        report.note(fold.compareState(facts, isWhole: isWhole))
        report.bodies += purges.excusedEvents
        report.purgedParts = purges.excusedCount
        report.root = tree.root(with: &hash)
        return report
    }

    private mutating func closeLinks() {
        let doubt = links.finish(
            head: facts.lastLeafHash,
            size: facts.size,
            recordedAt: facts.recordedAt
        )
        takeSettled()
        if let doubt { report.note([doubt]) }
        let isNamed = newest?.hash == facts.lastLeafHash && newest?.position == facts.size - 1
        mendBreaks(end: isNamed ? facts.size : nil)
        if links.isForeign { report.note([Self.foreign]) }
        if isNamed, let leaf = newest?.leaf, leaf.recordedAt != facts.recordedAt {
            report.note([Finding(.alteredHead, "recorded_at is not the last event's")])
        }
    }

    private mutating func mendBreaks(end: Int?) {
        let outcome = links.breaks.resolve(size: facts.size)
        let mended = outcome.mended.count { $0 >= 0 }
        report.intact += mended
        report.altered += outcome.altered.count
        report.unproven -= mended + outcome.altered.count
        report.links = links.sound + outcome.links
        for (position, evidence) in outcome.altered.sorted(by: { $0.key < $1.key }) {
            report.note([Finding(.alteredLeaf, at: position, evidence)])
        }
        report.note(moved.findings(end: end, altered: outcome.altered.keys))
    }

    private static let foreign = Finding(
        .alteredTenant,
        at: 0,
        "the genesis event was written for another ledger id, tenant or slot"
    )
}
