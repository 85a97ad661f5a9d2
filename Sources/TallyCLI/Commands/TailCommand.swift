// tally tail: events as they come.

internal import ArgumentParser
internal import TallyStore
internal import Tallystick

struct TailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail",
        abstract: "Follow a tenant's events as they come, without a gap.",
        discussion: """
            Examples:
              tally tail acme
              tally tail acme --after 184203 --where type:invoice.* -o jsonl

            Every line begins with the event's position. Give the last one that you saw to --after
            and nothing is missed or seen twice. Ends with Ctrl-C, or after --count events.
            """
    )

    @OptionGroup(title: "Connection") var ledger: LedgerOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The tenant's name.")
    var tenant: String

    @Option(
        parsing: .unconditional,
        help: "Begin after this position; -1 for the first event. Else with what comes next."
    )
    var after: Int?

    @Option(
        name: .customLong("where"),
        parsing: .unconditional,
        help: ArgumentHelp("Which events.", valueName: "query")
    )
    var query = ""

    @Option(help: "End after so many events.")
    var count: Int?

    func validate() throws {
        guard after.map({ $0 >= -1 && $0 < Int(Int64.max) }) ?? true else {
            throw ValidationError("--after must be a position, or -1")
        }
        guard count.map({ $0 > 0 }) ?? true else {
            throw ValidationError("--count must be 1 or more")
        }
    }

    func run() async throws {
        Outlet.page.exitWhenUnread()
        try await ledger.open { ledger in
            let tenant = try await ledger.known(tenant)
            let size = try await ledger.registry.find(tenant.name).size
            var shown = 0
            for try await event in try tenant.events(after: after ?? size - 1, where: query) {
                output.renderer.stream(EventView.record(event.opened), isFirst: shown == 0)
                shown += 1
                if shown == count { break }
            }
        }
    }
}
