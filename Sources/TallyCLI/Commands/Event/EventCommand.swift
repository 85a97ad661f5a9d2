// tally event: stored events, opened where the keys are.

internal import ArgumentParser
internal import Foundation
internal import TallyCore
internal import TallyStore
internal import TallyVault
internal import Tallystick

struct EventCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "event",
        abstract: "Read events by position or by stream.",
        discussion: """
            Examples:
              tally event list acme --stream crm/contact/42
              tally event show acme 184203
            """,
        subcommands: [List.self, Show.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List events in order, or with --reverse the newest first.",
            discussion: """
                Examples:
                  tally event list acme --reverse --limit 20
                  tally event list acme --where 'actor:user:17 type:invoice.* since:-2d' -o csv

                A query has terms of actor, type, stream, subject, collection, kind, since and
                until. Different keys must all hold, of one key any value; type, stream and
                collection take a trailing *; times are from since up to but without until.
                kind:erasureStep finds events that the ledger wrote itself, -kind:erasureStep
                leaves them out, kind:recorded leaves out all of them.
                """
        )

        @OptionGroup var output: OutputOptions
        @OptionGroup var page: PageOptions
        @OptionGroup(title: "Connection") var ledger: LedgerOptions

        @Argument(help: "The tenant's name.", completion: .tenant)
        var tenant: String

        @Option(help: "Only this stream; --after is a version of it then.")
        var stream: String?

        @Option(
            name: .customLong("where"),
            parsing: .unconditional,
            help: ArgumentHelp("Which events.", valueName: "query")
        )
        var query: String?

        func validate() throws {
            guard stream == nil || query == nil else {
                throw ValidationError("give --stream or --where; a query can say stream:NAME too")
            }
        }

        func run() async throws {
            try await ledger.open { ledger in
                let tenant = try await ledger.known(tenant)
                let listing = EventListing(
                    ledger: ledger,
                    tenant: tenant,
                    page: page,
                    output: output
                )
                let found =
                    if let query { try await listing.matching(query) } else if let stream {
                        try await listing.ofStream(stream)
                    } else { try await listing.rows() }
                listing.show(found)
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one event.",
            discussion: """
                Examples:
                  tally event show acme 184203
                  tally event show acme 4be190c2a0f64a0d9f3a7c1d5e6b7a88 -o json
                """
        )

        @OptionGroup(title: "Connection") var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions

        @Argument(help: "The tenant's name.", completion: .tenant)
        var tenant: String

        @Argument(help: "The event's position, or its id.")
        var event: EventPlace

        func run() async throws {
            try await ledger.open { ledger in
                let tenant = try await ledger.known(tenant)
                let position = try await event.position(in: tenant, ledger)
                let rows =
                    position < 0 || position == .max
                    ? []
                    : try await Session(pool: ledger.readers)
                        .events(tenant.id, position..<position + 1)
                let events = try await EventOpener(vault: ledger.vault).open(rows, of: tenant.id)
                guard let found = events.first else {
                    throw Problem(
                        .notFound,
                        "\(tenant.name) has no event \(event)",
                        hint: "tally tenant show \(tenant.name) says how many there are"
                    )
                }
                output.renderer.show([EventView.record(found, whole: true)], isList: false)
            }
        }
    }
}
