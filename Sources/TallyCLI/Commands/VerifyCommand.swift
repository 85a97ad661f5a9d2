// tally verify: every check of a tenant or of all, a line each; 0 only when all ran and passed.

internal import ArgumentParser
internal import Foundation
internal import TallyPostgres
internal import TallyStore
internal import Tallystick

/// A check that may be absent, by the name of `--allow-missing`.
enum MissableCheck: String, CaseIterable {
    case checkpoints, witnesses
}

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check that nothing was changed, dropped or moved.",
        discussion: """
            Examples:
              tally verify acme --allow-missing checkpoints,witnesses
              tally verify --open --jobs 4

            Exit 0: every check ran and passed. 3: integrity is broken. 8: a check could not run.
            Needs the role tally_auditor; with --open also the keys.
            """)

    @OptionGroup var ledger: LedgerOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "A tenant's name; all tenants when left out.")
    var tenant: String?

    @Flag(help: "Also open every event and compare stream, version and subject's key.")
    var open = false

    @Option(help: "How many ranges are read and hashed at a time.")
    var jobs = ProcessInfo.processInfo.activeProcessorCount

    @Option(help: "Checks that may be absent: checkpoints,witnesses.")
    var allowMissing = ""

    func validate() throws {
        guard (1...64).contains(jobs) else {
            throw ValidationError("--jobs must be between 1 and 64")
        }
        _ = try allowed()
    }

    private func allowed() throws -> Set<String> {
        let names = allowMissing.split(separator: ",").map(String.init)
        for name in names where MissableCheck(rawValue: name) == nil {
            throw ValidationError("--allow-missing knows checkpoints and witnesses, not \(name)")
        }
        return Set(names)
    }

    func run() async throws {
        let allowed = try allowed()
        try await ledger.open { ledger in
            let pool = ledger.auditors(jobs: jobs)
            defer { pool.close() }
            do {
                var report = VerifyReport(output: output, allowed: allowed)
                if tenant == nil { report.add(try await LedgerVerifier(pool: pool).check()) }
                let vault = open ? ledger.vault : nil
                let verifier = TenantVerifier(pool: pool, jobs: jobs, vault: vault)
                for (name, row) in try await targets(ledger) {
                    try await verify(name, row, verifier, &report)
                }
                try report.finish()
            } catch let status as ExitStatus {
                throw status
            } catch {
                throw Problem(error)
            }
        }
    }

    private func targets(_ ledger: Ledger) async throws -> [(String, TenantRow)] {
        if let tenant { return [(tenant, try await ledger.registry.find(tenant))] }
        var targets: [(String, TenantRow)] = []
        for row in try await ledger.registry.list() {
            let name = try await ledger.registry.name(of: row)
            targets.append((name ?? row.id.hex, row))
        }
        return targets
    }

    private func verify(
        _ name: String, _ row: TenantRow, _ verifier: TenantVerifier,
        _ report: inout VerifyReport
    ) async throws {
        let meter = ProgressMeter(
            "verify \(name)", total: row.size, unit: "events", form: output.progress)
        let began = ContinuousClock.now
        let verdict = try await verifier.verify(row.id) { meter.update($0) }
        meter.finish()
        report.add(verdict, name: name, took: ContinuousClock.now - began)
    }
}
