// tally approval: the second person's part in every decision.

internal import ArgumentParser
internal import TallyCore
internal import TallyStore
internal import Tallystick

struct ApprovalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approval",
        abstract: "Approve or refuse what another operator asks for.",
        discussion: """
            Examples:
              tally approval list
              tally approval sign 9f02…11c4 --operator-key bob.pem
            """,
        subcommands: [List.self, Sign.self, Refuse.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List requests that wait, with their plans.",
            discussion: """
                Examples:
                  tally approval list
                  tally approval list --all -o json

                Of a restore the number of steps is shown: tally restore show ID --steps
                lists them.
                """
        )

        @OptionGroup var output: OutputOptions
        @OptionGroup var page: PageOptions
        @OptionGroup(title: "Connection") var ledger: LedgerOptions

        @Flag(help: "Show requests that are decided, too.")
        var all = false

        func run() async throws {
            try await ledger.open { ledger in
                let rows = try await Decisions(ledger).list(waitingOnly: !all).reversed()
                let shown = try page.page(rows) { $0.id.hex }
                let names = try await TenantNames(ledger)
                output.renderer.show(
                    shown.rows.map { DecisionView.record($0, tenant: names[$0.tenant]) }
                )
                output.more(shown.next)
            }
        }
    }

    struct Sign: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Approve a request; everything but an erasure is done at once.",
            discussion: """
                Examples:
                  tally approval list
                  tally approval sign 9f02…11c4 --operator-key bob.pem

                The signature covers the whole plan, by the hash that tally approval list shows,
                and counts for seven days. Whoever asked cannot sign. With an erasure go those
                that the same requester has asked for in clones of the tenant; their plans name
                the subject by another tag, for each tenant has its own.
                """
        )

        @OptionGroup(title: "Connection") var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var signer: OperatorKeyOption

        @Argument(help: "The request's id, 32 hexadecimal digits.")
        var request: String

        @Flag(help: "Say what would be done, and do nothing.")
        var dryRun = false

        func run() async throws {
            let id = try DecisionID.parse(request)
            let key = try signer.requireKey()
            try await ledger.open { ledger in
                for clone in try await Decisions(ledger).signedAlong(id, with: key) {
                    Talk.say("with it the same erasure in a clone: \(clone.hex)")
                }
                if dryRun { return Talk.say("would sign as \(key.id.hex)") }
                let state = try await Decisions(ledger).approve(id, with: key)
                try DecisionView.show(id, state, output)
            }
        }
    }

    struct Refuse: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Refuse a request for good.",
            discussion: """
                Examples:
                  tally approval refuse 9f02…11c4 --ground art17-3-b
                  tally approval refuse 9f02…11c4 --ground DPO-118 --dry-run

                The ground is a reference, such as an article or a ticket's number, because it
                is stored in the clear.
                """
        )

        @OptionGroup(title: "Connection") var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions

        @Argument(help: "The request's id, 32 hexadecimal digits.")
        var request: String

        @Option(help: "A reference of 1 to 64 letters, digits and . _ : / # -")
        var ground: String

        @Flag(help: "Say what would be done, and do nothing.")
        var dryRun = false

        func run() async throws {
            let id = try DecisionID.parse(request)
            try await ledger.open { ledger in
                if dryRun { return Talk.say("would refuse the request \(id.hex)") }
                try await Decisions(ledger).refuse(id, ground: ground)
                try DecisionView.show(id, .refused, output)
            }
        }
    }
}

/// Tenants' names by id, as far as they can be opened.
struct TenantNames {
    private var names: [TenantID: String] = [:]

    init(_ ledger: Ledger) async throws {
        for row in try await ledger.registry.list() {
            names[row.id] = try await ledger.registry.name(of: row)
        }
    }

    subscript(id: TenantID) -> String? { names[id] }
}
