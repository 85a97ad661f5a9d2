// How the demo verifies: as `tally verify` does, giving its exit code instead of ending.

internal import Tallystick

/// Verifies a ledger within the demo.
struct DemoCheck {
    let ledger: Ledger
    let output: OutputOptions

    /// Verifies all tenants with their keys, or one without; gives the exit code.
    func run(only tenant: String? = nil) async throws -> Int32 {
        let run = VerifyRun(
            tenant: tenant,
            opensEvents: tenant == nil,
            jobs: 2,
            output: output
        )
        do {
            try await run.verify(ledger)
            return 0
        } catch let status as ExitStatus {
            return status.code
        }
    }
}
