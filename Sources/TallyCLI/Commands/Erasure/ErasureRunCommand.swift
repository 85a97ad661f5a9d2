// tally erasure run: destroys keys and purges ciphertext, or goes on where a run ended.

internal import ArgumentParser
internal import TallyCore
internal import TallyStore
internal import TallyVault
internal import Tallystick

struct ErasureRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Carry out an approved erasure; nothing of it can be undone.",
        discussion: """
            Examples:
              tally erasure run 9f02…11c4
              tally erasure run --all --yes

            It may be interrupted and run again. --all runs every erasure that may go on, and
            takes on those whose key epochs and backups are gone: run it every hour.
            """
    )

    @OptionGroup(title: "Connection") var ledger: LedgerOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var confirm: ConfirmOptions

    @Argument(help: "The erasure's id, 32 hexadecimal digits.")
    var erasure: String?

    @Flag(help: "Run every erasure that may go on.")
    var all = false

    func validate() throws {
        guard (erasure == nil) == all else {
            throw ValidationError("name an erasure, or give --all")
        }
    }

    func run() async throws {
        let id = try erasure.map { try DecisionID.parse($0) }
        try await ledger.open { ledger in
            guard let id else { return try await runAll(ledger) }
            let erasures = ledger.erasures
            let before = try await erasures.find(id)
            let names = try await TenantNames(ledger)
            let tenant = names[before.tenant] ?? before.tenant.hex
            var subjects = SubjectNames(ledger.decisionContext)
            let subject = try await subjects.name(before.scope.subjectTag, in: before.tenant)
            let what =
                before.scope.isTenant
                ? "every key of \(tenant)" : "the keys of \(subject ?? "a subject") in \(tenant)"
            guard try confirm.proceed("destroy \(what) and purge what they sealed") else { return }
            let row = try await erasures.run(id) { step in
                Talk.say("  \(Record.Value.snakeCase(step.rawValue))")
            }
            output.renderer.show([try await ErasureView.whole(row, ledger)], isList: false)
        }
    }

    private func runAll(_ ledger: Ledger) async throws {
        guard try confirm.proceed("run every approved erasure") else { return }
        let problems = try await ledger.erasures.runAll()
        for (id, problem) in problems { Failure.show(problem, context: "erasure \(id.hex): ") }
        if let first = problems.first { throw ExitStatus(code: first.problem.code.exitCode) }
    }
}
