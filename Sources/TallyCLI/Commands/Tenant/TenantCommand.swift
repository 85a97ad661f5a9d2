// tally tenant: create, list, show, freeze, thaw.

internal import ArgumentParser
internal import TallyCore
internal import TallyCrypto
internal import TallyStore
internal import Tallystick

struct TenantCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenant",
        abstract: "Create, list and restrict tenants.",
        discussion: """
            Examples:
              tally tenant create acme --region eu-central
              tally tenant list
            """,
        subcommands: [Create.self, List.self, Show.self, Freeze.self, Thaw.self]
    )

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create a tenant with keys and a log of its own.",
            discussion: """
                Examples:
                  tally tenant create acme
                  tally tenant create acme --region eu-central
                """
        )

        @OptionGroup(title: "Connection") var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions

        @Argument(help: "The tenant's name, 1 to 255 bytes without spaces, in NFC.")
        var name: String

        @Option(help: "Where its data may be, e.g. eu-central.")
        var region = ""

        @Flag(help: "Say what would be done, and do nothing.")
        var dryRun = false

        func run() async throws {
            try await ledger.open { ledger in
                if dryRun {
                    try await ledger.registry.requireFree(name)
                    return Talk.say("would create the tenant \(name)")
                }
                _ = try await ledger.createTenant(named: name, region: region)
                try await TenantCommand.show(ledger, name, output)
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List tenants in order of their slots: oldest first.",
            discussion: """
                Examples:
                  tally tenant list
                  tally tenant list -o id
                """
        )

        @OptionGroup var output: OutputOptions
        @OptionGroup var page: PageOptions
        @OptionGroup(title: "Connection") var ledger: LedgerOptions

        func run() async throws {
            try await ledger.open { ledger in
                var named: [(row: TenantRow, name: String?)] = []
                for row in try await ledger.registry.list() {
                    named.append((row, try await ledger.registry.name(of: row)))
                }
                let shown = try page.page(named) { $0.name ?? $0.row.id.hex }
                output.renderer.show(shown.rows.map { TenantCommand.record($0.row, $0.name) })
                output.more(shown.next)
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a tenant and the head of its log.",
            discussion: """
                Examples:
                  tally tenant show acme
                  tally tenant show acme -o json
                """
        )

        @OptionGroup(title: "Connection") var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions

        @Argument(help: "The tenant's name.", completion: .tenant)
        var name: String

        func run() async throws {
            try await ledger.open { try await TenantCommand.show($0, name, output) }
        }
    }

    static func show(
        _ ledger: Ledger,
        _ name: String,
        _ output: OutputOptions
    ) async throws {
        let row = try await ledger.knownRow(name)
        output.renderer.show([record(row, name)], isList: false)
    }

    static func record(_ row: TenantRow, _ name: String?) -> Record {
        Record([
            ("name", name.map { .text($0) } ?? .absent), ("slot", .integer(row.slot)),
            ("state", .text(TenantState(rawValue: row.state).map { "\($0)" } ?? "unknown")),
            ("events", .integer(row.size)), ("region", .text(row.region)),
            ("created_at", .time(row.createdAt)), ("recorded_at", .time(row.recordedAt)),
            ("head", .text(row.lastLeafHash.hex)), ("tenant_id", .text(row.id.hex)),
            ("clone_of", row.source.map { .text($0.hex) } ?? .absent),
        ])
    }
}
