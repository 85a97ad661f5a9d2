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
                  tally tenant create acme --region eu-central --owner carol.pub

                Owners decide about the erasure of the tenant's data without any operator of this
                ledger: tally owner. Nobody becomes one in this way later.
                """
        )

        @OptionGroup(title: "Connection") var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var passkey: RelyingPartyOption

        @Argument(help: "The tenant's name, 1 to 255 bytes without spaces, in NFC.")
        var name: String

        @Option(help: "Where its data may be, e.g. eu-central.")
        var region = ""

        @Option(
            help: ArgumentHelp(
                "The public key of an owner of the data; may be repeated.",
                valueName: "file"
            )
        )
        var owner: [String] = []

        @Option(help: ArgumentHelp("How many owners a decision needs, 1 or 2.", valueName: "n"))
        var ownerQuorum = 1

        @Flag(help: "Say what would be done, and do nothing.")
        var dryRun = false

        func validate() throws {
            guard (1...2).contains(ownerQuorum), ownerQuorum <= max(1, owner.count) else {
                throw ValidationError("--owner-quorum is 1, or 2 with two owners or more")
            }
        }

        func run() async throws {
            let owners = try owner.map { try PEMFile.publicKey($0, passkey.relyingParty) }
            try await ledger.open { ledger in
                if dryRun {
                    try await ledger.registry.requireFree(name)
                    return Talk.say("would create the tenant \(name)")
                }
                _ = try await ledger.createTenant(
                    named: name,
                    region: region,
                    owners: owners,
                    quorum: ownerQuorum
                )
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
                let shown = try page.page(await ledger.tenants()) { $0.name ?? $0.id.hex }
                output.renderer.show(shown.rows.map { TenantCommand.record($0) })
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
        let tenant = try await ledger.known(name) as Tenant
        output.renderer.show([record(try await tenant.summary())], isList: false)
    }

    static func record(_ tenant: TenantSummary) -> Record {
        Record([
            ("name", tenant.name.map { .text($0) } ?? .absent), ("slot", .integer(tenant.slot)),
            ("state", .text(tenant.state.map { "\($0)" } ?? "unknown")),
            ("events", .integer(tenant.eventCount)), ("region", .text(tenant.region)),
            ("created_at", .time(tenant.createdAt)), ("recorded_at", .time(tenant.newestAt)),
            ("head", .text(tenant.leafHash)), ("tenant_id", .text(tenant.id.hex)),
            ("clone_of", tenant.source.map { .text($0.hex) } ?? .absent),
        ])
    }
}
