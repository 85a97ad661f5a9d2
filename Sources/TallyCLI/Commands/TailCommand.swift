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
            and nothing is missed or seen twice. With its leaf hash, POSITION:HASH, as -o jsonl
            shows it in cursor, the history is checked too: where another event is there now it
            ends with 3. Where the log ends before that event, it ends with 5. An event's id is
            taken, too.

            Ends with Ctrl-C, or after --count events.
            """
    )

    @OptionGroup(title: "Connection") var ledger: LedgerOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The tenant's name.", completion: .tenant)
    var tenant: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Begin after this event; -1 for the first one. Else with what comes next.",
            valueName: "position[:hash]|id"
        ),
        transform: Self.beginning
    )
    var after: Beginning?

    /// After which event to begin.
    enum Beginning {
        case cursor(EventCursor)
        case event(EventPlace)
    }

    @Option(
        name: .customLong("where"),
        parsing: .unconditional,
        help: ArgumentHelp("Which events.", valueName: "query")
    )
    var query = ""

    @Option(help: "End after so many events.")
    var count: Int?

    func validate() throws {
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
            let cursor: EventCursor =
                switch after {
                case .cursor(let cursor): cursor
                case .event(let place):
                    EventCursor(position: try await place.position(in: tenant, ledger))
                case nil: EventCursor(position: size - 1)
                }
            for try await event in try tenant.tail(after: cursor, where: query) {
                output.renderer.stream(record(of: event), isFirst: shown == 0)
                shown += 1
                if shown == count { break }
            }
        }
    }

    private static func beginning(_ text: String) throws -> Beginning {
        if let cursor = EventCursor(text) { return .cursor(cursor) }
        guard let place = EventPlace(argument: text) else {
            throw ValidationError("it takes a position, POSITION:HASH, an event's id, or -1")
        }
        return .event(place)
    }

    /// The event, for programs with what to go on after.
    private func record(of event: Event) -> Record {
        let record = EventView.record(event.opened)
        guard [.json, .jsonl].contains(output.output) else { return record }
        let more = ("cursor", Record.Value.text("\(event.cursor)"))
        return Record(record.fields.map { ($0.name, $0.value) } + [more])
    }
}
