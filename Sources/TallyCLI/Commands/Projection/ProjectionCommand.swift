// tally projection: what is derived from the log, how far it has come, and whether it is right.

internal import ArgumentParser
internal import TallyReplay
internal import Tallystick

struct ProjectionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "projection",
        abstract: "See, check and rebuild what is derived from events.",
        discussion: """
            Examples:
              tally projection list
              tally projection check documents
            """,
        subcommands: [
            List.self, Show.self, Declare.self, Check.self, Rebuild.self, Retry.self, Skip.self,
            Unskip.self,
            Remove.self,
        ]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List projections with how far they have come.",
            discussion: """
                Examples:
                  tally projection list
                  tally projection list -o json
                """
        )

        @OptionGroup var output: OutputOptions
        @OptionGroup var page: PageOptions
        @OptionGroup(title: "Connection") var ledger: LedgerOptions

        func run() async throws {
            try await ledger.open { ledger in
                let shown = try page.page(await ledger.projections.list()) { $0.name }
                var records: [Record] = []
                for (name, version) in shown.rows {
                    let progress = try await ledger.projections.progress(of: name)
                    records.append(ProjectionView.summary(name, version, progress))
                }
                output.renderer.show(records)
                output.more(shown.next)
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show how far a projection has come with each tenant.",
            discussion: """
                Examples:
                  tally projection show documents
                  tally projection show trail -o jsonl
                """
        )

        @OptionGroup var output: OutputOptions
        @OptionGroup var page: PageOptions
        @OptionGroup(title: "Connection") var ledger: LedgerOptions

        @Argument(help: "The projection's name.", completion: .projection)
        var name: String

        func run() async throws {
            try await ledger.open { ledger in
                let progress = try await ledger.projections.progress(of: name)
                let names = try await TenantNames(ledger)
                let shown = try page.page(
                    progress.map { (progress: $0, name: names[$0.tenant] ?? $0.tenant.hex) }
                ) { $0.name }
                output.renderer.show(
                    shown.rows.map { ProjectionView.tenant($0.progress, $0.name) }
                )
                output.more(shown.next)
            }
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compare what is derived with a replay of the log from its start.",
            discussion: """
                Examples:
                  tally projection check documents
                  tally projection check contacts acme

                Exits with 9 when something differs. A rebuild mends it.
                """
        )

        @OptionGroup(title: "Connection") var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions

        @Argument(help: "documents, trail or a table projection.", completion: .projection)
        var name: String

        @Argument(help: "A tenant; all tenants if it is left out.", completion: .tenant)
        var tenant: String?

        @Option(help: "Pages that are read and opened at a time.")
        var jobs = 2

        func run() async throws {
            try await ledger.open { ledger in
                _ = try await ledger.projections.version(of: name)
                try await CheckRun(ledger: ledger, output: output, jobs: jobs).run(name, tenant)
            }
        }
    }

    struct Rebuild: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Build a projection again from the log, beside the one in use.",
            discussion: """
                Examples:
                  tally projection rebuild documents
                  tally projection rebuild trail --dry-run

                Reading goes on from the old version until the new one takes its place; if it is
                interrupted, the old one stays. An event that cannot be applied stops its own
                tenant only, which is named; the exit code is 9 then.
                """
        )

        @OptionGroup(title: "Connection") var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions

        @Argument(help: "documents, trail or a table projection.", completion: .projection)
        var name: String

        @Option(help: "Pages that are read and opened at a time.")
        var jobs = 2

        @Flag(help: "Say what would be done, and do nothing.")
        var dryRun = false

        func run() async throws {
            try await ledger.open { ledger in
                _ = try await ledger.projections.version(of: name)
                let total = try await ledger.tenants().reduce(0) { $0 + $1.eventCount }
                if dryRun {
                    return Talk.say("would rebuild \(name) from \(total) events")
                }
                let meter = ProgressMeter(
                    "rebuild \(name)",
                    total: total,
                    unit: "events",
                    form: output.progress
                )
                let report = try await ledger.projections.rebuild(name, jobs: jobs) {
                    meter.update($0)
                }
                meter.finish()
                output.renderer.show([ProjectionView.rebuilt(name, report)], isList: false)
                try await ProjectionView.name(report.troubled, ledger)
            }
        }
    }
}
