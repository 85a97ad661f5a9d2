// tally verify: every check of a tenant or of all, a line each; 0 only when all ran and passed.

internal import ArgumentParser
internal import Foundation
internal import Tallystick

/// A check that may be absent, by the name of `--allow-missing`.
enum MissableCheck: String, CaseIterable {
    case checkpoints, witnesses
}

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check that nothing was changed, dropped or moved.",
        discussion: """
            Examples:
              tally verify acme --allow-missing checkpoints,witnesses
              tally verify --open --jobs 4

            Exit 0: every check ran and passed. 3: integrity is broken. 8: a check could not run.
            Needs the role tally_auditor; with --open also the keys.
            """
    )

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
        let run = VerifyRun(
            tenant: tenant,
            opensEvents: open,
            jobs: jobs,
            allowed: allowed,
            output: output
        )
        try await ledger.open { try await run.verify($0) }
    }
}
