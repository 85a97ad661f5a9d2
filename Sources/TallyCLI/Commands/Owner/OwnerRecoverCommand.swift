// tally owner recover: what happens when the last owner has lost the key.

internal import ArgumentParser
internal import TallyCore
internal import TallyStore
internal import Tallystick

struct OwnerRecoverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover",
        abstract: "Replace a lost owner: by two operators, after 72 hours.",
        discussion: """
            Examples:
              tally owner recover acme --public-key new.pub --operator-key alice.pem
              tally owner recover acme --request 9f02…11c4

            One operator asks, another approves: tally approval approve. The request stands in
            the tenant's own log, and any owner left can refuse it: tally approval refuse. After
            72 hours --request carries it out.
            """
    )

    @OptionGroup(title: "Connection") var ledger: LedgerOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var signer: OperatorKeyOption
    @OptionGroup var passkey: RelyingPartyOption

    @Argument(help: "The tenant's name.", completion: .tenant)
    var tenant: String

    @Option(help: ArgumentHelp("The new owner's key in PEM form.", valueName: "file"))
    var publicKey: String?

    @Option(
        help: ArgumentHelp("Carry out this request, which has waited.", valueName: "request"),
        transform: DecisionID.parse
    )
    var request: DecisionID?

    @Flag(help: "Say what would be done, and do nothing.")
    var dryRun = false

    func validate() throws {
        guard (publicKey == nil) != (request == nil) else {
            throw ValidationError("give --public-key to ask, or --request to carry out")
        }
        guard publicKey == nil || signer.operatorKey != nil else {
            throw ValidationError("operators ask for it, and sign that: give --operator-key FILE")
        }
    }

    func run() async throws {
        let (key, requester) = (
            try publicKey.map { try PEMFile.publicKey($0, passkey.relyingParty) },
            try signer.key()
        )
        try await ledger.open { ledger in
            let tenant = try await ledger.known(tenant)
            if dryRun { return Talk.say("would replace an owner of \(tenant.name)") }
            if let request {
                try await ledger.decisions.recoverOwner(request)
                return try DecisionView.show(request, .applied, output)
            }
            guard let key, let requester else { return }
            let asked = try await ledger.decisions.addOwner(key, of: tenant, by: requester)
            try DecisionView.show(asked.id, asked.state, output)
        }
    }
}
