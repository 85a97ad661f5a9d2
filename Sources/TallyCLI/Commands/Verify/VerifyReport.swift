// How a verdict is told: one line per check, then the findings, then one sentence.

internal import Foundation
internal import TallyCore
internal import TallyStore
internal import Tallystick

/// Shows verdicts as they come and decides the exit code at the end.
struct VerifyReport {
    private static let shownFindings = 20

    private let output: OutputOptions
    private let allowed: Set<CheckName>
    private let isBrief: Bool
    private var isBroken = false
    private var isIncomplete = false
    private var tenants = 0
    private var brokenTenants = 0
    private var events = 0
    /// The checks that were not run and may be missing nowhere, each once.
    private var explained: Set<CheckName> = []

    /// - Parameters:
    ///   - output: the form of the data.
    ///   - allowed: the names of checks that may be absent.
    ///   - isBrief: whether a sentence a tenant is enough.
    init(output: OutputOptions, allowed: Set<CheckName>, isBrief: Bool = false) {
        self.output = output
        self.isBrief = isBrief
        self.allowed = allowed
    }

    /// Findings about the ledger as a whole.
    mutating func add(_ findings: [Finding]) {
        isBroken = isBroken || !findings.isEmpty
        if output.output != .table {
            output.renderer.show(findings.map { Self.record($0, "_ledger") })
        }
        show(findings, count: findings.count, in: "the ledger")
    }

    mutating func add(_ verdict: TenantVerdict, name: String, took: Duration) {
        let missing = verdict.checks.filter { $0.outcome == .notRun && !allowed.contains($0.name) }
        isBroken = isBroken || verdict.isBroken
        isIncomplete = isIncomplete || !missing.isEmpty
        tenants += 1
        brokenTenants += verdict.isBroken ? 1 : 0
        events += verdict.size
        if output.output == .table {
            if !isBrief || verdict.isBroken { verdict.checks.forEach { Page.line(Self.line($0)) } }
            Page.line(sentence(verdict, name, took))
        } else {
            let findings = verdict.findings.map { Self.record($0, name) }
            output.renderer.show([record(verdict, name)] + findings)
        }
        show(verdict.findings, count: verdict.findingCount, in: name)
        if verdict.isBroken, output.output == .table { Self.sayWhatHolds(verdict, name) }
        for check in missing where explained.insert(check.name).inserted { Self.explain(check) }
    }

    /// Ends the command: 3 for broken, 8 for incomplete.
    func finish() throws(ExitStatus) {
        if tenants > 1, output.output == .table {
            let sound = "\(tenants - brokenTenants)/\(tenants) tenants consistent"
            Page.line("\(sound), \(events) events\(brokenTenants > 0 ? ", BROKEN" : "")")
        }
        if isBroken { throw .broken }
        if isIncomplete { throw .incomplete }
    }

    private func sentence(_ verdict: TenantVerdict, _ name: String, _ took: Duration) -> String {
        let seconds = String(format: "%.1f s", took / .seconds(1))
        let absent = verdict.checks.filter { $0.outcome == .notRun }.map(\.name)
        let excused = absent.filter { allowed.contains($0) }.map(\.rawValue)
        var words = "\(name): "
        if verdict.isBroken {
            let findings = verdict.findingCount == 1 ? "finding" : "findings"
            words += "BROKEN, \(verdict.findingCount) \(findings) in \(verdict.size) events"
        } else {
            words += "\(verdict.size) events consistent, not anchored yet"
        }
        if !excused.isEmpty { words += "; not run (allowed): \(excused.joined(separator: ", "))" }
        return "\(words)   \(seconds)"
    }

    private static func line(_ check: CheckLine) -> String {
        let name = check.name.rawValue.padding(toLength: 12, withPad: " ", startingAt: 0)
        guard check.outcome == .passed || check.outcome == .broken else {
            return "  \(name)\(check.outcome.rawValue)   \(check.note)"
        }
        let ratio = "\(check.passed)/\(check.total)"
        let padded = String(repeating: " ", count: max(0, 14 - ratio.count)) + ratio
        return "  \(name)\(padded) \(check.outcome.rawValue)   \(check.note)"
    }

    private func show(_ findings: [Finding], count: Int, in name: String) {
        guard output.output == .table else { return }
        for finding in findings.prefix(Self.shownFindings) {
            let place = finding.position.map { "event \($0)" } ?? name
            Talk.say("error: \(finding.name.rawValue): \(place)")
            Talk.say("  \(finding.evidence)")
        }
        guard count > 0 else { return }
        let more = count - min(count, Self.shownFindings)
        if more > 0 { Talk.say("  and \(more) more; -o jsonl lists up to 1000") }
        Talk.say("  next: keep a copy of the database as it is, then compare it with a backup")
    }

    /// Says how many events are proven in spite of what was found.
    private static func sayWhatHolds(_ verdict: TenantVerdict, _ name: String) {
        let proven =
            verdict.checks.filter { [.hashes, .bodies].contains($0.name) }
            .map(\.passed).min() ?? 0
        Talk.say("  \(proven) of \(verdict.size) events of \(name) are proven unaltered")
    }

    private static func explain(_ check: CheckLine) {
        Talk.say("incomplete: \(check.name.rawValue) \(check.outcome.rawValue): \(check.note)")
        Talk.say("  next: --allow-missing \(check.name.rawValue) accepts that, if you do")
    }

    private func record(_ verdict: TenantVerdict, _ name: String) -> Record {
        let checks = verdict.checks.map { check in
            let outcome = check.outcome.rawValue.replacing(" ", with: "_")
            return "\(Record.quote(check.name.rawValue)):{\"outcome\":\(Record.quote(outcome)),"
                + "\"passed\":\(check.passed),\"total\":\(check.total)}"
        }
        return Record([
            ("tenant", .text(name)), ("position", .absent),
            ("verdict", .text(verdict.isBroken ? "broken" : "consistent")),
            ("evidence", .text("root \(verdict.root)")),
            ("events", .integer(verdict.size)),
            ("checks", .json(Array("{\(checks.joined(separator: ","))}".utf8))),
        ])
    }

    private static func record(_ finding: Finding, _ name: String) -> Record {
        Record([
            ("tenant", .text(name)),
            ("position", finding.position.map { .integer($0) } ?? .absent),
            ("verdict", .text(finding.name.rawValue)), ("evidence", .text(finding.evidence)),
            ("events", .absent), ("checks", .absent),
        ])
    }
}
