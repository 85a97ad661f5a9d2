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
    /// Events that were found altered; what other checks say of them follows from it.
    private let altered: Set<Int>

    init(facts: TenantFacts, report: LogReport) {
        self.facts = facts
        self.report = report
        findings = report.findings
        findingCount = report.findingCount
        let names: Set<Finding.Name> = [.alteredLeaf, .alteredBody]
        altered = Set(report.findings.filter { names.contains($0.name) }.compactMap(\.position))
        addLogLines()
    }

    private mutating func addLogLines() {
        let counts = [
            (report.altered, "altered"), (report.unproven, "not proven"),
            (report.missing, "missing"),
        ]
        let note = counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
        lines.append(.count(.hashes, report.intact, of: facts.size, note: note))
        lines.append(.count(.links, report.links, of: facts.size))
        let purged = report.purgedParts > 0 ? "\(report.purgedParts) parts purged" : ""
        lines.append(.count(.bodies, report.bodies, of: facts.size, note: purged))
    }

    private mutating func add(_ more: [Finding], count: Int? = nil) {
        let (sum, isTooLarge) = findingCount.addingReportingOverflow(count ?? more.count)
        findingCount = isTooLarge ? .max : sum
        findings += more.prefix(max(0, LogVerifier.maximumFindings - findings.count))
    }

    /// Rows below 0 or beyond the head do not belong there.
    mutating func note(_ claims: TenantClaims) {
        add(claims.findings)
        add(
            claims.outside.map { position in
                let place = position < 0 ? "before the genesis event" : "beyond the head"
                return Finding(.insertedEvent, at: position, "a row \(place)")
            }
        )
        let heads: Set<Finding.Name> = [.alteredHead, .alteredTenant]
        let sound = findings.allSatisfy { !heads.contains($0.name) } && claims.outside.isEmpty
        lines.append(.count(.head, sound ? 1 : 0, of: 1))
    }

    mutating func note(duplicates: [Int]) {
        add(duplicates.map { Finding(.duplicatedEvent, at: $0, "its event id occurs elsewhere") })
        let repeated = findings.count { $0.name == .duplicatedEvent }
        lines.append(.count(.eventIDs, facts.size - repeated, of: facts.size))
    }

    /// Whether a finding follows from an event that was altered.
    private func isExplained(_ position: Int?) -> Bool {
        position.map { altered.contains($0) } ?? false
    }

    mutating func note(_ decisions: DecisionCheck) {
        add(decisions.findings.filter { !isExplained($0.position) })
        lines.append(.count(.decisions, decisions.sound, of: decisions.count))
    }

    /// Registers are held against a log that is whole: from another one anything could follow.
    mutating func note(_ registers: RegisterCheck.Result) {
        guard report.missing == 0, altered.isEmpty else {
            return lines.append(CheckLine(.registers, .notRun, note: "the log is broken"))
        }
        add(registers.findings)
        lines.append(.count(.registers, registers.sound, of: registers.total))
    }

    /// The key store, too, is held against a log that is whole.
    mutating func note(_ keys: KeyCheck?) {
        guard let keys else {
            return lines.append(CheckLine(.keys, .notAsked, note: "--open checks them"))
        }
        guard report.missing == 0, altered.isEmpty else {
            return lines.append(CheckLine(.keys, .notRun, note: "the log is broken"))
        }
        add(keys.findings)
        lines.append(.count(.keys, keys.sound, of: keys.total))
    }

    mutating func note(_ columns: ColumnCheck) {
        switch columns.key {
        case .notAsked:
            lines.append(CheckLine(.columns, .notAsked, note: "--open checks them"))
        case .erased:
            lines.append(CheckLine(.columns, .notRun, note: "the tenant's keys were destroyed"))
        case .lost:
            add([Finding(.lostKey, "the key store lacks the tenant's index key")])
            lines.append(CheckLine(.columns, .notRun, note: "the index key is lost"))
        case .index:
            let more = columns.findings.filter { !isExplained($0.position) }
            let explained = columns.findings.count - more.count
            add(more, count: columns.findingCount - explained)
            let note = columns.erased > 0 ? "\(columns.erased) parts erased" : ""
            lines.append(.count(.columns, columns.sound, of: columns.events, note: note))
        }
    }

    /// The verdict; what needs published heads has no source to check against yet.
    var verdict: TenantVerdict {
        let absent = [
            CheckLine(.checkpoints, .notRun, note: "no checkpoint was published"),
            CheckLine(.witnesses, .notRun, note: "no witness has cosigned"),
        ]
        return TenantVerdict(
            tenant: facts.tenant,
            size: facts.size,
            root: report.root.hex,
            checks: lines + absent,
            findings: findings.sorted { ($0.position ?? -1) < ($1.position ?? -1) },
            findingCount: findingCount
        )
    }
}
