// tally stream: the streams of a tenant.

internal import ArgumentParser
internal import TallyCore
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
                  tally stream list acme --reverse
                  tally stream list acme --limit 1000 -o id

                With --reverse those that were written to last come first, and --after is a
                position.
                """
        )

        @OptionGroup var output: OutputOptions
        @OptionGroup var page: PageOptions
        @OptionGroup(title: "Connection") var ledger: LedgerOptions

        @Argument(help: "The tenant's name.", completion: .tenant)
        var tenant: String

        func run() async throws {
            try await ledger.open { ledger in
                let tenant = try await ledger.known(tenant)
                let found =
                    try await page.reverse
                    ? newest(tenant)
                    : tenant.streams(after: page.after, limit: page.limit)
                output.renderer.show(found.events.map { StreamCommand.record($0) })
                output.more(found.next)
            }
        }

        private func newest(
            _ tenant: Tenant
        ) async throws -> (events: [Event], next: String?) {
            let found = try await tenant.newestOfStreams(
                before: page.position(),
                limit: page.limit
            )
            return (found.events, found.next.map(String.init))
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

        @OptionGroup(title: "Connection") var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions

        @Argument(help: "The tenant's name.", completion: .tenant)
        var tenant: String

        @Argument(help: "The stream.")
        var stream: String

        func run() async throws {
            try await ledger.open { ledger in
                let found = try await ledger.known(tenant) as Tenant
                guard let event = try await found.newestEvent(of: stream) else {
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

    private static func record(_ event: Event) -> Record {
        Record([
            ("stream", .text(event.stream ?? Record.Value.snakeCase(event.readability.rawValue))),
            ("version", event.version.map { .integer($0) } ?? .absent),
            ("type", event.type.map { .text($0) } ?? .absent),
            ("recorded_at", .time(event.recordedAt)), ("position", .integer(event.position)),
            ("event_id", .text(event.eventID)),
        ])
    }
}
