// One verification of a tenant or of all: what `tally verify` does, and the demo with it.

internal import TallyPostgres
internal import TallyStore
internal import Tallystick

/// Verifies, tells what it found, and throws the exit status where that is not 0.
struct VerifyRun {
    /// A tenant's name; all tenants where there is none.
    var tenant: String?
    /// Whether events are opened and compared with their columns.
    var opensEvents: Bool
    /// How many ranges are read and hashed at a time.
    var jobs: Int
    /// The names of checks that may be absent.
    var allowed: Set<CheckName> = [.checkpoints, .witnesses]
    var output: OutputOptions

    func verify(_ ledger: Ledger) async throws {
        let pool = ledger.auditors(jobs: jobs)
        defer { pool.close() }
        var report = VerifyReport(
            output: output,
            allowed: allowed,
            isBrief: tenant == nil
        )
        if tenant == nil { report.add(try await LedgerVerifier(pool: pool).check()) }
        let vault = opensEvents ? ledger.vault : nil
        let verifier = TenantVerifier(pool: pool, jobs: jobs, vault: vault)
        for (name, row) in try await targets(ledger) {
            try await verify(name, row, verifier, &report)
        }
        try report.finish()
    }

    private func targets(_ ledger: Ledger) async throws -> [(String, TenantRow)] {
        if let tenant { return [(tenant, try await ledger.knownRow(tenant))] }
        var targets: [(String, TenantRow)] = []
        for row in try await ledger.registry.list() {
            let name = try await ledger.registry.name(of: row)
            targets.append((name ?? row.id.hex, row))
        }
        return targets
    }

    private func verify(
        _ name: String,
        _ row: TenantRow,
        _ verifier: TenantVerifier,
        _ report: inout VerifyReport
    ) async throws {
        let meter = ProgressMeter(
            "verify \(name)",
            total: row.size,
            unit: "events",
            form: output.progress
        )
        let began = ContinuousClock.now
        let verdict = try await verifier.verify(row.id) { meter.update($0) }
        meter.finish()
        report.add(verdict, name: name, took: ContinuousClock.now - began)
    }
}
