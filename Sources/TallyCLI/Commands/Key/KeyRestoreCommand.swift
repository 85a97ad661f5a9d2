// tally key restore: a lost or older key store, brought back from the key journal.

internal import ArgumentParser
internal import TallyVault
internal import Tallystick

struct KeyRestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Bring a lost key store back from the key journal.",
        discussion: """
            Examples:
              tally schema migrate
              tally key restore

            Needs the KEKs, the journal and the ledger's database. Whatever an erasure has
            destroyed stays destroyed. Ends with 9 when something stayed lost, and says what.
            Rotate afterwards: tally key rotate.
            """
    )

    @OptionGroup(title: "Connection") var ledger: LedgerOptions
    @OptionGroup var output: OutputOptions

    @Flag(help: "Say what would be done, and do nothing.")
    var dryRun = false

    func run() async throws {
        let report = try await ledger.open { ledger -> KeyRestoreReport? in
            guard dryRun else { return try await ledger.keys.restore() }
            Talk.say("would add the keys of the journals to the key store")
            return nil
        }
        guard let report else { return }
        output.renderer.show([Self.record(report)], isList: false)
        for note in report.notes { Talk.say(note) }
        for loss in report.losses { Talk.say("lost: \(loss)") }
        guard report.losses.isEmpty else {
            Talk.say("  next: docs/operating/lost-key-store.md says where to look for it")
            throw ExitStatus(code: 9)
        }
    }

    private static func record(_ report: KeyRestoreReport) -> Record {
        Record([
            ("epochs", .integer(report.epochs.count)), ("tenants", .integer(report.tenants)),
            ("keys", .integer(report.keys)), ("losses", .integer(report.losses.count)),
        ])
    }
}
