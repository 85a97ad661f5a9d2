// Puts the results of the checks together, in the order in which they are shown.

internal import TallyCore
internal import TallyCrypto

/// A verdict under construction.
struct VerdictAssembly {
    private let facts: TenantFacts
    private let report: LogReport
    private var findings: [Finding]
    private var findingCount: Int
    private var lines: [CheckLine] = []

    init(facts: TenantFacts, report: LogReport) {
        self.facts = facts
        self.report = report
        findings = report.findings
        findingCount = report.findingCount
        addLogLines()
    }

    private mutating func addLogLines() {
        let bad = Set(
            findings.filter { [.alteredLeaf, .swapped].contains($0.name) }.map(\.position)
        ).count
        let intact = max(0, report.events - max(report.altered, bad))
        lines.append(.count("hashes", intact, of: facts.size, note: Self.missing(report)))
        lines.append(.count("links", report.links, of: facts.size))
        let note = report.purgedParts > 0 ? "\(report.purgedParts) parts purged" : ""
        lines.append(.count("bodies", report.bodies, of: facts.size, note: note))
    }

    private static func missing(_ report: LogReport) -> String {
        let missing = report.missing > 0 ? "\(report.missing) missing" : ""
        let altered = report.altered > 0 ? "\(report.altered) altered" : ""
        return [altered, missing].filter { !$0.isEmpty }.joined(separator: ", ")
    }

    private mutating func add(_ more: [Finding]) {
        findingCount += more.count
        findings += more.prefix(max(0, LogVerifier.maximumFindings - findings.count))
    }

    /// Rows below 0 or beyond the head do not belong there.
    mutating func note(_ extent: LogExtent) {
        if extent.first < 0 {
            add([Finding(.insertedEvent, at: extent.first, "a row before the genesis event")])
        }
        if extent.last >= facts.size {
            add([
                Finding(
                    .insertedEvent, at: extent.last,
                    "a row beyond the head, which ends at \(facts.size - 1)")
            ])
        }
        let heads: Set<Finding.Name> = [.alteredHead, .alteredTenant, .insertedEvent]
        let sound = findings.allSatisfy { !heads.contains($0.name) }
        lines.append(.count("head", sound ? 1 : 0, of: 1))
    }

    mutating func note(duplicates: [Int]) {
        add(duplicates.map { Finding(.duplicatedEvent, at: $0, "its event id occurs before") })
        let repeated = findings.count { $0.name == .duplicatedEvent }
        lines.append(.count("event ids", facts.size - repeated, of: facts.size))
    }

    mutating func note(_ requests: RequestCheck.Result, coverable: Int) {
        add(requests.findings)
        var sound = requests.sound
        if requests.findings.isEmpty, requests.covered != coverable {
            sound -= 1
            add([
                Finding(
                    .alteredRequest, at: requests.first,
                    "request rows cover \(requests.covered) events from here on, not \(coverable)")
            ])
        }
        lines.append(.count("requests", sound, of: requests.rows))
    }

    mutating func note(_ columns: ColumnCheck?, _ more: [Finding]) {
        guard let columns else {
            lines.append(CheckLine("columns", .notAsked, note: "--open checks them"))
            return
        }
        add(more)
        let note = columns.erased > 0 ? "\(columns.erased) parts erased" : ""
        lines.append(.count("columns", columns.sound, of: columns.events, note: note))
    }

    /// The verdict; what needs published heads has no source to check against yet.
    var verdict: TenantVerdict {
        let absent = [
            CheckLine("checkpoints", .notRun, note: "no checkpoint was published"),
            CheckLine("witnesses", .notRun, note: "no witness has cosigned"),
        ]
        return TenantVerdict(
            tenant: facts.tenant, size: facts.size, root: report.root.hex,
            checks: lines + absent,
            findings: findings.sorted { ($0.position ?? -1) < ($1.position ?? -1) },
            findingCount: findingCount)
    }
}
