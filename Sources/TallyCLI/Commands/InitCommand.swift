// tally init: from two empty databases to a ledger with its first key epoch and slot 0.

internal import ArgumentParser
internal import Tallystick

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Create the ledger in two databases.",
        discussion: """
            Examples:
              tally init --origin example.com/rounds/1
              tally dev -- tally init

            Migrates both databases, makes key epoch 1 and slot 0. On a ledger that exists it
            changes nothing. Without --single-operator two people decide about every erasure,
            hold and restore; that cannot be changed later.
            """
    )

    @OptionGroup(title: "Connection") var ledger: LedgerOptions
    @OptionGroup var output: OutputOptions

    @Option(help: "The name under which heads will be published.")
    var origin = "localhost/rounds/1"

    @Flag(help: "Let one person decide alone, for good; every certificate shows it.")
    var singleOperator = false

    @Flag(help: "Say what would be done, and do nothing.")
    var dryRun = false

    func run() async throws {
        let configuration = try await ledger.configuration()
        if dryRun { return try await foresee(configuration) }
        let isNew = try await Ledger.initialize(
            configuration,
            origin: origin,
            hasSingleOperator: singleOperator
        )
        let opened = try await Ledger.open(configuration)
        let record = Record([
            ("ledger", .text(opened.row.id.hex)), ("origin", .text(opened.row.origin)),
            ("result", .text(isNew ? "created" : "unchanged")),
        ])
        await opened.close()
        output.renderer.show([record], isList: false)
    }

    private func foresee(_ configuration: LedgerConfiguration) async throws {
        let absent = try await LedgerSchema.status(configuration)
            .filter { $0.status == .absent }.map(\.target.rawValue)
        Talk.say(
            absent.isEmpty
                ? "would change nothing in the schemas"
                : "would create the schema of: \(absent.joined(separator: ", "))"
        )
    }
}
