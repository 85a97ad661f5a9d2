// approve and refuse: the second person's part, the same for every kind of decision.

internal import ArgumentParser
internal import TallyCore
internal import TallyStore
internal import Tallystick

struct ApproveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Approve a request; all but erasures and restores are done at once.",
        discussion: """
            Examples:
              tally approval list
              tally approval approve 9f02…11c4 --operator-key bob.pem

            The signature covers the whole plan, by the hash that tally approval list shows,
            and counts for seven days. Whoever asked cannot sign. With an erasure go those
            that the same requester has asked for in clones of the tenant; their plans name
            the subject by another tag, for each tenant has its own. What is signed is said in
            words before: tally approval show. Look at a restore's steps with tally restore show
            ID --steps.
            """
    )

    @OptionGroup var output: OutputOptions
    @OptionGroup var signer: SignerKeyOption
    @OptionGroup(title: "Connection") var ledger: LedgerOptions

    @Argument(help: "The request's id, 32 hexadecimal digits.")
    var request: String

    @Flag(help: "Say what would be done, and do nothing.")
    var dryRun = false

    func run() async throws {
        let id = try DecisionID.parse(request)
        let key = try signer.requireKey()
        try await ledger.open { ledger in
            try await Self.approve(id, key, ledger, output, isDry: dryRun)
        }
    }

    /// Says what is signed, signs it, and shows what became of it.
    static func approve(
        _ id: DecisionID,
        _ key: OperatorKey,
        _ ledger: Ledger,
        _ output: OutputOptions,
        isDry: Bool = false
    ) async throws {
        for clone in try await ledger.decisions.signedAlong(id, with: key) {
            Talk.say("with it the same erasure in a clone: \(clone.hex)")
        }
        try await DecisionView.explain(id, ledger)
        if isDry { return Talk.say("would approve as \(key.id.hex)") }
        let state = try await ledger.decisions.approve(id, with: key)
        try DecisionView.show(id, state, output)
    }
}

struct RefuseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refuse",
        abstract: "Refuse a request for good.",
        discussion: """
            Examples:
              tally approval refuse 9f02…11c4 --ground art17-3-b
              tally approval refuse 9f02…11c4 --ground DPO-118 --dry-run

            The ground is a reference, such as an article or a ticket's number, because it
            is stored in the clear. What an owner has asked for, owners alone refuse, with
            --owner-key.
            """
    )

    @OptionGroup var output: OutputOptions
    @OptionGroup var signer: SignerKeyOption
    @OptionGroup(title: "Connection") var ledger: LedgerOptions

    @Argument(help: "The request's id, 32 hexadecimal digits.")
    var request: String

    @Option(help: "A reference of 1 to 64 letters, digits and . _ : / # -")
    var ground: String

    @Flag(help: "Say what would be done, and do nothing.")
    var dryRun = false

    func run() async throws {
        let key = try signer.key()
        let id = try DecisionID.parse(request)
        try await ledger.open { ledger in
            if dryRun { return Talk.say("would refuse the request \(id.hex)") }
            try await ledger.decisions.refuse(id, ground: ground, by: key)
            try DecisionView.show(id, .refused, output)
        }
    }
}
