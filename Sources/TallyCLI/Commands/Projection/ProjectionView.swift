// Projections as records.

internal import TallyCore
internal import TallyReplay
internal import Tallystick

/// Turns what is known of projections into records.
enum ProjectionView {
    static func summary(_ name: String, _ version: Int, _ progress: [TenantProgress]) -> Record {
        Record([
            ("projection", .text(name)), ("version", .integer(version)),
            ("tenants", .integer(progress.count)),
            ("events", .integer(progress.reduce(0) { $0 + $1.size })),
            ("behind", .integer(progress.reduce(0) { $0 + $1.size - $1.position })),
            ("stopped", .integer(progress.count { $0.stop != nil })),
        ])
    }

    static func tenant(_ progress: TenantProgress, _ name: String) -> Record {
        let behind = progress.size - progress.position
        let state = progress.stop != nil ? "stopped" : behind == 0 ? "current" : "behind"
        return Record([
            ("tenant", .text(name)), ("state", .text(state)),
            ("position", .integer(progress.position)), ("events", .integer(progress.size)),
            ("stopped_at", progress.stop.map { .integer($0.position) } ?? .absent),
            ("reason", progress.stop.map { .text($0.reason) } ?? .absent),
        ])
    }

    static func declared(
        _ name: String,
        _ change: TableChangeKind,
        _ report: RebuildReport?
    ) -> Record {
        Record([
            ("projection", .text(name)), ("change", .text(change.rawValue)),
            ("version", report.map { .integer($0.version) } ?? .absent),
            ("events", report.map { .integer($0.events) } ?? .absent),
            ("rows", report.map { .integer($0.rows) } ?? .absent),
        ])
    }

    static func rebuilt(_ name: String, _ report: RebuildReport) -> Record {
        Record([
            ("projection", .text(name)), ("version", .integer(report.version)),
            ("events", .integer(report.events)), ("rows", .integer(report.rows)),
        ])
    }

    /// Says of which tenants not all events could be applied, and ends with 9 if there are some.
    static func name(_ troubled: [TenantID: Problem], _ ledger: Ledger) async throws {
        guard !troubled.isEmpty else { return }
        let names = try await TenantNames(ledger)
        let shown = troubled.map { (name: names[$0] ?? $0.hex, problem: $1) }
        for (name, problem) in shown.sorted(by: { $0.name < $1.name }) {
            Failure.show(problem, context: "\(name): ")
        }
        throw ExitStatus(code: 9)
    }

    static func notStopped(_ name: String, _ tenant: String) -> Problem {
        Problem(
            .notFound,
            "nothing stops \(name) of \(tenant)",
            hint: "tally projection show \(name) says what stops which tenant"
        )
    }
}
