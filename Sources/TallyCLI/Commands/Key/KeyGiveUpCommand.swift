// tally key give-up: the end of an epoch whose KEK was lost.

internal import ArgumentParser
internal import TallyVault
internal import Tallystick

struct KeyGiveUpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "give-up",
        abstract: "End a key epoch whose KEK was lost, with what only it could open.",
        discussion: """
            Examples:
              tally key give-up 2 --dry-run
              tally key give-up 2

            Rotations refuse while an epoch has keys that nothing else has and its KEK is
            missing. When it is certain that the KEK will not come back, run tally key restore
            for what other epochs have, then this. What is lost then counts as lost, not as
            erased.
            """
    )

    @OptionGroup(title: "Connection") var ledger: LedgerOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var confirm: ConfirmOptions

    @Argument(help: "The epoch's number, as tally key list shows it.")
    var epoch: UInt64

    func run() async throws {
        try await ledger.open { ledger in
            let keys = try await ledger.keys.foreseeGivingUp(epoch).unstored
            let plan =
                "give up epoch \(epoch) for good, with \(keys) keys or tenants of its journal "
                + "that the "
                + "key store has not, and whatever of the key store only its KEK opens"
            guard try confirm.proceed(plan) else { return }
            let given = try await ledger.keys.giveUp(epoch)
            let record = Record([
                ("epoch", .integer(Int(clamping: epoch))), ("tenants", .integer(given.tenants)),
                ("keys", .integer(given.keys)), ("unstored", .integer(given.unstored)),
            ])
            output.renderer.show([record], isList: false)
        }
    }
}
