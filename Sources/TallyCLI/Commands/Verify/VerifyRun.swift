// One verification of a tenant or of all: what `tally verify` does, and the demo with it.

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
        var report = VerifyReport(output: output, allowed: allowed, isBrief: tenant == nil)
        let tenants = try await ledger.named(tenant)
        try await ledger.withVerifier(jobs: jobs, opensEvents: opensEvents) { verifier in
            if tenant == nil { report.add(try await verifier.findings()) }
            for tenant in tenants { try await verify(tenant, verifier, &report) }
        }
        try report.finish()
    }

    private func verify(
        _ target: (tenant: Tenant, size: Int),
        _ verifier: Verifier,
        _ report: inout VerifyReport
    ) async throws {
        let name = target.tenant.name
        let meter = ProgressMeter(
            "verify \(name)",
            total: target.size,
            unit: "events",
            form: output.progress
        )
        let began = ContinuousClock.now
        let verdict = try await verifier.verify(target.tenant) { meter.update($0) }
        meter.finish()
        report.add(verdict, name: name, took: ContinuousClock.now - began)
    }
}
