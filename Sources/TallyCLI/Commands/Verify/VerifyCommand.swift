// tally verify: every check of a tenant or of all, a line each; 0 only when all ran and passed.

internal import ArgumentParser
internal import Foundation
internal import TallyStore
internal import Tallystick

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check that nothing was changed, dropped or moved.",
        discussion: """
            Examples:
              tally verify acme --allow-missing checkpoints,witnesses
              tally verify --open --jobs 4

            Exit 0: every check ran and passed. 3: integrity is broken. 8: a check could not run.
            What could not run is named by --allow-missing when that is as it should be, and
            whatever ran and found something is broken all the same. Needs the role
            tally_auditor; with --open also the keys.
            """
    )

    @OptionGroup(title: "Connection") var ledger: LedgerOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "A tenant's name; all tenants when left out.", completion: .tenant)
    var tenant: String?

    @Flag(help: "Also open every event and compare stream, version and subject's key.")
    var open = false

    @Option(help: "How many ranges are read and hashed at a time.")
    var jobs = ProcessInfo.processInfo.activeProcessorCount

    @Option(help: "Checks that may stay undone, with commas: checkpoints,witnesses,columns.")
    var allowMissing = ""

    func validate() throws {
        guard (1...64).contains(jobs) else {
            throw ValidationError("--jobs must be between 1 and 64")
        }
        _ = try allowed()
    }

    private func allowed() throws -> Set<CheckName> {
        Set(
            try allowMissing.split(separator: ",").map { word in
                guard let name = CheckName(rawValue: String(word)) else {
                    let names = CheckName.allCases.map(\.rawValue).joined(separator: ", ")
                    throw ValidationError("there is no check \(word): they are \(names)")
                }
                return name
            }
        )
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
