// tally restore apply: appends what was approved, or goes on where that was interrupted.

internal import ArgumentParser
internal import TallyCore
internal import TallyStore
internal import Tallystick

struct RestoreApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Apply an approved restore.",
        discussion: """
            Examples:
              tally restore apply 9f02…11c4
              tally restore apply 9f02…11c4 --yes -o json

            It may be interrupted and applied again. Streams that were written to since the
            plan stay as they are, and the command ends with 6 then.
            """
    )

    @OptionGroup(title: "Connection") var ledger: LedgerOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var confirm: ConfirmOptions

    @Argument(help: "The restore's id, 32 hexadecimal digits.")
    var restore: String

    func run() async throws {
        let id = try DecisionID.parse(restore)
        try await ledger.open { ledger in
            let restores = ledger.restores
            let before = try await restores.find(id)
            let name = try await TenantNames(ledger)[before.tenant] ?? before.tenant.hex
            let moment = "event \(before.cut - 1)"
            guard try confirm.proceed("restore \(name) to \(moment)") else { return }
            let meter = ProgressMeter("apply", total: nil, unit: "streams", form: output.progress)
            let row = try await restores.apply(id) { _, done in meter.update(done) }
            meter.finish()
            output.renderer.show([RestoreView.record(row, name)], isList: false)
            try RestoreView.end(row)
        }
    }
}
