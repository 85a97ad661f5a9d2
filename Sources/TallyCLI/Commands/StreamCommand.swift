// tally stream: the streams of a tenant.

internal import ArgumentParser
internal import TallyCore
internal import TallyCrypto
internal import TallyStore
internal import TallyVault
internal import Tallystick

struct StreamCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stream",
        abstract: "List streams with their newest versions.",
        discussion: """
            Examples:
              tally stream list acme
              tally stream show acme crm/contact/42
            """,
        subcommands: [List.self, Show.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List streams in an order that is arbitrary but always the same.",
            discussion: """
                Examples:
                  tally stream list acme
                  tally stream list acme --limit 1000 -o id
                """
        )

        @OptionGroup var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions

        @Argument(help: "The tenant's name.")
        var tenant: String

        @Option(help: "Where the page before ended, as it said.")
        var after: String?

        @Option(help: "At most so many streams.")
        var limit = 100

        func validate() throws {
            guard (1...10_000).contains(limit) else {
                throw ValidationError("--limit must be between 1 and 10000")
            }
            guard after == nil || after.flatMap({ BlindTag($0) }) != nil else {
                throw ValidationError("--after must be what the page before said")
            }
        }

        func run() async throws {
            try await ledger.open { ledger in
                let id = try await ledger.registry.find(tenant).id
                let start = after.flatMap { BlindTag($0) } ?? .zero
                let rows = try await LogReader(pool: ledger.readers)
                    .newestOfStreams(id, after: start, limit: limit)
                let events = try await EventOpener(vault: ledger.vault).open(rows, of: id)
                output.renderer.show(events.map { StreamCommand.record($0) })
                if rows.count == limit, let last = rows.last?.stream {
                    Talk.say("more: --after \(last.hex)")
                }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a stream's newest version and event.",
            discussion: """
                Examples:
                  tally stream show acme crm/contact/42
                  tally stream show acme crm/contact/42 -o json
                """
        )

        @OptionGroup var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions

        @Argument(help: "The tenant's name.")
        var tenant: String

        @Argument(help: "The stream.")
        var stream: String

        func run() async throws {
            try await ledger.open { ledger in
                let id = try await ledger.registry.find(tenant).id
                let tag = try await ledger.vault.indexKey(id).tag(.stream, stream)
                let rows = try await LogReader(pool: ledger.readers).scoped(id) { connection in
                    try LogReader.newest(
                        connection,
                        id,
                        stream: tag,
                        through: Int(Int32.max),
                        before: .max,
                        limit: 1
                    )
                }
                let events = try await EventOpener(vault: ledger.vault).open(rows, of: id)
                guard let event = events.first else {
                    throw Problem(
                        .notFound,
                        "\(tenant) has no stream \(stream)",
                        hint: "check the name with tally stream list \(tenant)"
                    )
                }
                output.renderer.show([StreamCommand.record(event)], isList: false)
            }
        }
    }

    private static func record(_ opened: OpenedEvent) -> Record {
        let event = Event(opened)
        return Record([
            ("stream", .text(event.stream ?? event.readability.rawValue)),
            ("version", event.version.map { .integer($0) } ?? .absent),
            ("type", event.type.map { .text($0) } ?? .absent),
            ("recorded_at", .time(event.recordedAt)), ("position", .integer(event.position)),
        ])
    }
}
