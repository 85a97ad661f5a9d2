// tally erasure spread: what an erasure still needs in clones of its tenant.

internal import ArgumentParser
internal import TallyCore
internal import Tallystick

struct ErasureSpreadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spread",
        abstract: "Ask for an erasure in clones that it has not reached.",
        discussion: """
            Examples:
              tally erasure spread 9f02…11c4 customer:8812 --operator-key alice.pem
              tally erasure spread 9f02…11c4 --operator-key alice.pem

            A request asks for its clones by itself; this is for one that was cut off
            meanwhile. Name the subject again, for no register has its name; of a whole
            tenant none.
            """
    )

    @OptionGroup(title: "Connection") var ledger: LedgerOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var signer: SignerKeyOption

    @Argument(help: "The erasure's id, 32 hexadecimal digits.")
    var erasure: String

    @Argument(help: "The subject's name, as in customer:8812.")
    var subject: String?

    @Flag(help: "Say what would be done, and do nothing.")
    var dryRun = false

    func run() async throws {
        let id = try DecisionID.parse(erasure)
        let key = try signer.key()
        try await ledger.open { ledger in
            let erasures = ledger.erasures
            if dryRun {
                let waiting = try await erasures.waitingClones(id)
                return Talk.say("would ask for it in \(waiting.count) clones, and in theirs")
            }
            let requests = try await erasures.spread(id, subject: subject, by: key)
            guard !requests.isEmpty else { return Talk.say("it is asked for in every clone") }
            output.renderer.show(requests.map { Record([("request", .text($0.hex))]) })
            Talk.say("another operator signs: tally approval approve REQUEST --operator-key FILE")
        }
    }
}
