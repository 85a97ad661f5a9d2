// tally time: what a moment means, and what changed between two.

internal import ArgumentParser
internal import TallyCore
internal import TallyReplay
internal import Tallystick

struct TimeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "time",
        abstract: "See a tenant as it was, and what changed since.",
        discussion: """
            Examples:
              tally time show acme --at 2026-11-20T12:00Z
              tally time diff acme --at 5000 --to 6000
            """,
        subcommands: [Show.self, Diff.self]
    )

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what a moment means: time, position, and the hash of the log then.",
            discussion: """
                Examples:
                  tally time show acme --at 2026-11-20T12:00Z
                  tally time show acme --at event:4be190c2a0f64a0d9f3a7c1d5e6b7a88

                A time is closed first: nothing can be recorded at or before it afterwards.
                """
        )

        @OptionGroup(title: "Connection") var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions

        @Argument(help: "The tenant's name.", completion: .tenant)
        var tenant: String

        @Option(
            parsing: .unconditional,
            help: MomentHelp.text,
            transform: MomentArgument.moment
        )
        var at: Moment

        func run() async throws {
            try await ledger.open { ledger in
                let tenant = try await ledger.known(tenant)
                let receipt = try await tenant.resolve(at)
                output.renderer.show([TimeView.record(receipt)], isList: false)
            }
        }
    }

    struct Diff: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the documents that differ between two moments.",
            discussion: """
                Examples:
                  tally time diff acme --at 2026-11-20T12:00Z
                  tally time diff acme --at 5000 --to 6000 -o jsonl

                Only streams with events in between are looked at. JSON and CSV show both documents.
                With --reverse those that were changed last come first, and --after is a position.
                """
        )

        @OptionGroup var output: OutputOptions
        @OptionGroup var page: PageOptions
        @OptionGroup(title: "Connection") var ledger: LedgerOptions

        @Argument(help: "The tenant's name.", completion: .tenant)
        var tenant: String

        @Option(
            parsing: .unconditional,
            help: MomentHelp.text,
            transform: MomentArgument.moment
        )
        var at: Moment

        @Option(
            parsing: .unconditional,
            help: ArgumentHelp("The later moment; now if it is left out.", valueName: "moment"),
            transform: MomentArgument.moment
        )
        var to: Moment?

        @Flag(help: "Exit with 20 when there are differences.")
        var exitCode = false

        func run() async throws {
            let found = try await ledger.open { ledger in
                let tenant = try await ledger.known(tenant)
                let diff = try await compare(tenant)
                let whole = output.renderer.form != .table
                output.renderer.show(diff.changes.map { TimeView.record($0, whole: whole) })
                output.more(diff.next)
                return !diff.changes.isEmpty
            }
            if found, exitCode { throw ExitStatus(code: 20) }
        }

        private func compare(
            _ tenant: Tenant
        ) async throws -> (changes: [DocumentChange], next: String?) {
            let meter = ProgressMeter("diff", total: nil, unit: "streams", form: output.progress)
            defer { meter.finish() }
            guard page.reverse else {
                return try await tenant.differences(
                    from: at,
                    to: to,
                    after: page.after,
                    limit: page.limit
                ) { meter.update($0) }
            }
            let found = try await tenant.newestDifferences(
                from: at,
                to: to,
                before: page.position(),
                limit: page.limit
            ) { meter.update($0) }
            return (found.changes, found.next.map(String.init))
        }
    }
}
