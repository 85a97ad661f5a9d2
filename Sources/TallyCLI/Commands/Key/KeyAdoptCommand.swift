// tally key adopt: the KEKs of a ledger go over to the copy of it that goes on.

internal import ArgumentParser
internal import TallyCore
internal import Tallystick

struct KeyAdoptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adopt",
        abstract: "Make this copy of a ledger the one that may end its key epochs.",
        discussion: """
            Examples:
              tally key adopt example.com/rounds/1
              tally key adopt example.com/rounds/1 --yes

            After a failover, a move or a restore of the key store into another database, when
            this copy goes on and no other one does. Never in a drill or a staging system that
            sees the KEKs of the original: give it KEKs and a journal of its own.
            """
    )

    @OptionGroup(title: "Connection") var ledger: LedgerOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var confirm: ConfirmOptions

    @Argument(help: "The ledger by its name: its origin, or its id, as tally status shows them.")
    var name: String

    func run() async throws {
        try await ledger.open { ledger in
            let names = [ledger.row.origin, ledger.row.id.hex]
            guard names.contains(name) else {
                throw Problem(
                    .invalid,
                    "this is another ledger: \(names[0]), \(names[1])",
                    hint: "name the ledger that is to be adopted, or check --db"
                )
            }
            let plan =
                "take the KEKs of \(name) over for this copy, so that no other copy can rotate them"
            guard try confirm.proceed(plan) else { return }
            let isNew = try await ledger.keys.adopt()
            let record = Record([
                ("ledger", .text(names[1])), ("result", .text(isNew ? "adopted" : "unchanged")),
            ])
            output.renderer.show([record], isList: false)
        }
    }
}
