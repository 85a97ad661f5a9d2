// tally document: what streams add up to, now or as of a moment.

internal import ArgumentParser
internal import TallyCore
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
                  tally document list acme --collection crm/contact --reverse
                  tally document list acme --at 5000 --limit 1000 -o jsonl

                With --reverse those that were changed last come first, and --after is a position.
                """
        )

        @OptionGroup var output: OutputOptions
        @OptionGroup var page: PageOptions
        @OptionGroup(title: "Connection") var ledger: LedgerOptions

        @Argument(help: "The tenant's name.", completion: .tenant)
        var tenant: String

        @Option(help: "Only this collection: the part of a stream before its last slash.")
        var collection: String?

        @Option(
            parsing: .unconditional,
            help: MomentHelp.text,
            transform: MomentArgument.moment
        )
        var at: Moment?

        func run() async throws {
            try await ledger.open { ledger in
                let tenant = try await ledger.known(tenant)
                let found = try await page.reverse ? newest(tenant) : byTag(tenant, ledger)
                output.renderer.show(found.documents.map { DocumentView.record($0) })
                for stream in found.tooLarge {
                    Talk.say(
                        Renderer.oneLine(
                            "left out: \(stream) is too large to be read as a document"
                        )
                    )
                }
                output.more(found.next)
            }
        }

        private func byTag(
            _ tenant: Tenant,
            _ ledger: Ledger
        ) async throws -> (documents: [Document], tooLarge: [String], next: String?) {
            let meter = ProgressMeter(
                "list",
                total: page.limit,
                unit: "documents",
                form: output.progress
            )
            defer { meter.finish() }
            let found = try await CatchUp.whenBehind(ledger, tenant, output) {
                () throws(Problem) in
                try await tenant.documents(
                    collection: collection,
                    after: page.after,
                    limit: page.limit,
                    at: at
                ) { meter.update($0) }
            }
            return (found.documents, found.tooLarge, found.next)
        }

        private func newest(
            _ tenant: Tenant
        ) async throws -> (documents: [Document], tooLarge: [String], next: String?) {
            let found = try await tenant.newestDocuments(
                collection: collection,
                before: page.position(),
                limit: page.limit,
                at: at
            )
            return (found.documents, found.tooLarge, found.next.map(String.init))
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

        @OptionGroup var output: OutputOptions
        @OptionGroup(title: "Connection") var ledger: LedgerOptions

        @Argument(help: "The tenant's name.", completion: .tenant)
        var tenant: String

        @Argument(help: "The stream.")
        var stream: String

        @Option(
            parsing: .unconditional,
            help: MomentHelp.text,
            transform: MomentArgument.moment
        )
        var at: Moment?

        func run() async throws {
            try await ledger.open { ledger in
                let tenant = try await ledger.known(tenant)
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
            abstract: "List the events of a stream by their versions.",
            discussion: """
                Examples:
                  tally document history acme crm/contact/42 --reverse
                  tally document history acme crm/contact/42 --at 2026-11-20 -o jsonl
                """
        )

        @OptionGroup var output: OutputOptions
        @OptionGroup var page: PageOptions
        @OptionGroup(title: "Connection") var ledger: LedgerOptions

        @Argument(help: "The tenant's name.", completion: .tenant)
        var tenant: String

        @Argument(help: "The stream.")
        var stream: String

        @Option(
            parsing: .unconditional,
            help: MomentHelp.text,
            transform: MomentArgument.moment
        )
        var at: Moment?

        func run() async throws {
            try await ledger.open { ledger in
                let listing = EventListing(
                    ledger: ledger,
                    tenant: try await ledger.known(tenant),
                    page: page,
                    output: output
                )
                listing.show(try await listing.ofStream(stream, at: at))
            }
        }
    }
}
