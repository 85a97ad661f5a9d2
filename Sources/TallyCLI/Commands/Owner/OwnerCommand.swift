// tally owner: those to whom a tenant's data belongs, and what each of them decides.

internal import ArgumentParser
internal import TallyCore
internal import TallyCrypto
internal import TallyStore
internal import Tallystick

struct OwnerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "owner",
        abstract: "Manage the owners of a tenant's data, who can erase it without any operator.",
        discussion: """
            Examples:
              tally tenant create acme --owner carol.pub
              tally owner add acme --public-key agent.pub --agent --owner-key carol.pem
              tally owner list acme

            The first owners come with the tenant, more by an owner's word. Whoever has one of
            their keys erases a person of that tenant alone; a whole tenant after seven days, in
            which another owner can refuse it. Legal holds stop both.
            """,
        subcommands: [Add.self, List.self, End.self, OwnerRecoverCommand.self]
    )

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let somebody more decide about a tenant's data, or an agent.",
            discussion: """
                Examples:
                  tally owner add acme --public-key dan.pub --owner-key carol.pem
                  tally owner add acme --public-key agent.pub --agent --owner-key carol.pem

                An agent is a key of a service, such as the one behind a button "delete my
                data": it erases persons, and decides nothing else.
                """
        )

        @OptionGroup(title: "Connection") var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var file: PublicKeyOption

        @Argument(help: "The tenant's name.", completion: .tenant)
        var tenant: String

        @Option(help: ArgumentHelp("The private key of an owner.", valueName: "file"))
        var ownerKey: String

        @Flag(help: "It may erase persons, and nothing else.")
        var agent = false

        @Flag(help: "Say what would be done, and do nothing.")
        var dryRun = false

        func run() async throws {
            let (key, owner) = (try file.key(), try PEMFile.privateKey(ownerKey))
            try await ledger.open { ledger in
                let tenant = try await ledger.known(tenant)
                if dryRun {
                    return Talk.say("would add the owner \(OperatorID(of: key).hex)")
                }
                let request = try await ledger.decisions.addOwner(
                    key,
                    deciding: agent
                        ? [.subjectErasure] : [.subjectErasure, .tenantErasure, .ownerChange],
                    of: tenant,
                    by: owner
                )
                try DecisionView.show(request.id, request.state, output, asOwner: true)
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the owners of a tenant's data, ended ones included.",
            discussion: """
                Examples:
                  tally owner list acme
                  tally owner list acme -o json
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
                let owners = try await ledger.decisions.owners(of: tenant)
                let shown = try page.page(owners) { $0.id.hex }
                output.renderer.show(shown.rows.map(OwnerCommand.record))
                output.more(shown.next)
            }
        }
    }

    private static func record(_ row: Owner) -> Record {
        Record([
            ("owner", .text(row.id.hex)),
            ("decides", .word(row.actions.map { "\($0)" }.joined(separator: ","))),
            ("public_key", .text(Hex.encode(row.publicKey.bytes))),
            ("key", .text(row.publicKey.kindName)),
            ("added_at", .time(row.addedAt)),
            ("ended_at", row.endedAt.map { .time($0) } ?? .absent),
            ("state", .text(row.endedAt == nil ? "active" : "ended")),
        ])
    }

    struct End: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End an owner's term; no operator can.",
            discussion: """
                Examples:
                  tally owner end acme 4be1…77ad --owner-key carol.pem
                  tally owner end acme 4be1…77ad --owner-key carol.pem --dry-run

                As many who decide about owners must remain as a decision needs. Name the whole
                id, as tally owner list shows it.
                """
        )

        @OptionGroup(title: "Connection") var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions

        @Argument(help: "The tenant's name.", completion: .tenant)
        var tenant: String

        @Argument(help: "The owner's id, 32 hexadecimal digits.", transform: OperatorID.parse)
        var id: OperatorID

        @Option(help: ArgumentHelp("The private key of an owner.", valueName: "file"))
        var ownerKey: String

        @Flag(help: "Say what would be done, and do nothing.")
        var dryRun = false

        func run() async throws {
            let owner = try PEMFile.privateKey(ownerKey)
            try await ledger.open { ledger in
                let tenant = try await ledger.known(tenant)
                if dryRun { return Talk.say("would end the owner \(id.hex)") }
                let request = try await ledger.decisions.endOwner(id, of: tenant, by: owner)
                try DecisionView.show(request.id, request.state, output, asOwner: true)
            }
        }
    }
}
