// tally document: what streams add up to, now or as of a moment.

internal import ArgumentParser
internal import TallyReplay
internal import Tallystick

struct DocumentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "document",
        abstract: "Read documents, now or as they were.",
        discussion: """
            Examples:
              tally document show acme crm/contact/42
              tally document list acme --collection crm/contact --at 2026-11-20T12:00Z
            """,
        subcommands: [List.self, Show.self, History.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List documents in an order that is arbitrary but always the same.",
            discussion: """
                Examples:
                  tally document list acme --collection crm/contact
                  tally document list acme --at 5000 --limit 1000 -o jsonl
                """
        )

        @OptionGroup var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions

        @Argument(help: "The tenant's name.")
        var tenant: String

        @Option(help: "Only this collection: the part of a stream before its last slash.")
        var collection: String?

        @Option(help: MomentHelp.text)
        var at: Moment?

        @Option(help: "Where the page before ended, as it said.")
        var after: String?

        @Option(help: "At most so many documents.")
        var limit = 100

        func run() async throws {
            try await ledger.open { ledger in
                let tenant = try await ledger.tenant(named: tenant)
                let page = try await CatchUp.whenBehind(ledger, tenant, output) {
                    () throws(Problem) in
                    try await tenant.documents(
                        collection: collection,
                        after: after,
                        limit: limit,
                        at: at
                    )
                }
                output.renderer.show(page.documents.map { DocumentView.record($0) })
                if let next = page.next { Talk.say("more: --after \(next)") }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a stream's document.",
            discussion: """
                Examples:
                  tally document show acme crm/contact/42
                  tally document show acme crm/contact/42 --at before:4be190c2…  -o json
                """
        )

        @OptionGroup var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions

        @Argument(help: "The tenant's name.")
        var tenant: String

        @Argument(help: "The stream.")
        var stream: String

        @Option(help: MomentHelp.text)
        var at: Moment?

        func run() async throws {
            try await ledger.open { ledger in
                let tenant = try await ledger.tenant(named: tenant)
                guard let document = try await tenant.document(stream, at: at) else {
                    throw Problem(
                        .notFound,
                        "\(tenant.name) has no document \(stream)\(at == nil ? "" : " then")",
                        hint: "tally document history \(tenant.name) \(stream) shows its events"
                    )
                }
                output.renderer.show([DocumentView.record(document)], isList: false)
            }
        }
    }

    struct History: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the events of a stream.",
            discussion: """
                Examples:
                  tally document history acme crm/contact/42
                  tally document history acme crm/contact/42 --at 2026-11-20 -o jsonl
                """
        )

        @OptionGroup var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions

        @Argument(help: "The tenant's name.")
        var tenant: String

        @Argument(help: "The stream.")
        var stream: String

        @Option(help: MomentHelp.text)
        var at: Moment?

        @Option(help: "Only versions after this one.")
        var after = 0

        @Option(help: "At most so many events.")
        var limit = 100

        func run() async throws {
            try await ledger.open { ledger in
                let tenant = try await ledger.tenant(named: tenant)
                let events = try await tenant.history(
                    of: stream,
                    after: after,
                    limit: limit,
                    at: at
                )
                output.renderer.show(events.map { EventView.record($0.opened) })
            }
        }
    }
}
