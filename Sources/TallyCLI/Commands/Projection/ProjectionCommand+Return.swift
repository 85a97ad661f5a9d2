// tally projection unskip and remove: what was left out comes back, what nobody wants any more
// goes.

internal import ArgumentParser
internal import TallyReplay
internal import Tallystick

extension ProjectionCommand {
    struct Unskip: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a skip back: apply the event that a projection was told to leave out.",
            discussion: """
                Examples:
                  tally projection unskip documents acme 4711 --reason OPS-2212
                  tally projection unskip trail acme 4711 --reason OPS-2212

                What the event changes is put in its place, in table projections too. That the
                skip was taken back becomes an event of its own. An event that still cannot be
                applied stays skipped.
                """
        )

        @OptionGroup var output: OutputOptions
        @OptionGroup(title: "Connection") var ledger: LedgerOptions

        @Argument(help: "The projection's name.", completion: .projection)
        var name: String

        @Argument(help: "The tenant's name.", completion: .tenant)
        var tenant: String

        @Argument(help: "The position of the event that was skipped, or its id.")
        var event: EventPlace

        @Option(help: "A reference of 1 to 64 letters, digits and . _ : / # -")
        var reason: String

        func run() async throws {
            try await ledger.open { ledger in
                let tenant = try await ledger.tenant(named: tenant)
                let position = try await event.position(in: tenant, ledger)
                let said = try await ledger.projections
                    .unskip(position, in: name, of: tenant, reason: reason)
                Talk.say("event \(position) is applied; event \(said) says so")
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Forget a projection that nobody wants any more.",
            discussion: """
                Examples:
                  tally projection remove billing
                  tally projection remove billing --yes

                Erasures do not wait for it any more. The table of a table projection is
                dropped; the tables of a projection that a program of yours wrote are yours to
                drop: what they hold of people who were erased stays until then.
                """
        )

        @OptionGroup(title: "Connection") var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var confirm: ConfirmOptions

        @Argument(help: "The projection's name.", completion: .projection)
        var name: String

        func run() async throws {
            guard try confirm.proceed("remove the projection \(name)") else { return }
            try await ledger.open { ledger in
                let isTable = try await ledger.projections.remove(name)
                Talk.say("\(name) is removed\(isTable ? " and dropped" : "; now drop its tables")")
            }
        }
    }
}
