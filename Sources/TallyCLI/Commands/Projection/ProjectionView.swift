// Projections as records.

internal import TallyCore
internal import TallyReplay
internal import TallyStore
internal import Tallystick

/// Turns what is known of projections into records.
enum ProjectionView {
    /// The live version of a projection.
    static func version(of name: String, _ ledger: Ledger) async throws -> Int {
        let versions = try await ProjectionRunner.versions(ledger.projectors)
        guard let version = versions[name] else {
            let names = versions.keys.sorted()
            let meant = Nearest.word(to: name, in: names).map { "did you mean \($0)? " } ?? ""
            throw Problem(
                .notFound,
                "there is no projection \(name)",
                hint: "\(meant)the projections are \(names.joined(separator: ", "))"
            )
        }
        return version
    }

    static func tenantNames(_ ledger: Ledger) async throws -> [TenantID: String] {
        var names: [TenantID: String] = [:]
        for row in try await ledger.registry.list() {
            names[row.id] = try await ledger.registry.name(of: row)
        }
        return names
    }

    static func summary(_ name: String, _ version: Int, _ progress: [TenantProgress]) -> Record {
        Record([
            ("projection", .text(name)), ("version", .integer(version)),
            ("tenants", .integer(progress.count)),
            ("events", .integer(progress.reduce(0) { $0 + $1.size })),
            ("behind", .integer(progress.reduce(0) { $0 + $1.size - $1.position })),
            ("stopped", .integer(progress.count { $0.dead != nil })),
        ])
    }

    static func tenant(_ progress: TenantProgress, _ name: String) -> Record {
        let behind = progress.size - progress.position
        let state = progress.dead != nil ? "stopped" : behind == 0 ? "current" : "behind"
        return Record([
            ("tenant", .text(name)), ("state", .text(state)),
            ("position", .integer(progress.position)), ("events", .integer(progress.size)),
            ("stopped_at", progress.dead.map { .integer($0.position) } ?? .absent),
            ("reason", progress.dead.map { .text($0.reason) } ?? .absent),
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
    static func name(_ troubled: [TenantID: StoreError], _ ledger: Ledger) async throws {
        guard !troubled.isEmpty else { return }
        let names = try await tenantNames(ledger)
        let shown = troubled.map { (name: names[$0] ?? $0.hex, problem: Problem($1)) }
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
