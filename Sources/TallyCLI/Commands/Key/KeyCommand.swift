// tally key: epochs of the key-encryption key, and their change.

internal import ArgumentParser
internal import TallyCore
internal import TallyVault
internal import Tallystick

struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Show and rotate key epochs.",
        discussion: """
            Examples:
              tally key list
              tally key rotate

            What an erasure destroyed can be opened from an old copy of the key store as long as
            an epoch from before it lives: rotation ends them.
            """,
        subcommands: [
            List.self, Rotate.self, KeyRestoreCommand.self, KeyAdoptCommand.self,
            KeyGiveUpCommand.self, DoctorCommand.self,
        ]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List key epochs, destroyed ones included.",
            discussion: """
                Examples:
                  tally key list
                  tally key list -o json
                """
        )

        @OptionGroup var output: OutputOptions
        @OptionGroup var page: PageOptions
        @OptionGroup(title: "Connection") var ledger: LedgerOptions

        func run() async throws {
            try await ledger.open { ledger in
                let shown = try page.page(await ledger.keys.epochs()) { String($0.number) }
                output.renderer.show(shown.rows.map { Self.record($0) })
                output.more(shown.next)
            }
        }

        private static func record(_ epoch: KeyEpoch) -> Record {
            Record([
                ("epoch", .integer(Int(epoch.number))), ("provider", .text(epoch.provider)),
                ("state", .word(epoch.state.rawValue)), ("created_at", .time(epoch.createdAt)),
                ("destroyed_at", epoch.destroyedAt.map { .time($0) } ?? .absent),
                ("assurance", epoch.assurance.map { .text($0) } ?? .absent),
                ("recorded", .text(epoch.isRecorded ? "yes" : "no")),
            ])
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Begin a new key epoch and end the old ones.",
            discussion: """
                Examples:
                  tally key rotate
                  tally key rotate --dry-run

                It may be interrupted and run again, and may run while events are appended. Run
                it every six hours; a service does so by itself. It refuses, and changes nothing,
                while key store, journal and KEKs do not fit together, and in a copy of the
                ledger to which the KEKs do not belong.
                """
        )

        @OptionGroup(title: "Connection") var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions

        @Flag(help: "Say what would be done, and do nothing.")
        var dryRun = false

        func run() async throws {
            try await ledger.open { ledger in
                if dryRun {
                    let epoch = try await ledger.keys.checkRotation()
                    return Talk.say("would wrap all tenants' keys again and end epoch \(epoch)")
                }
                let report = try await ledger.keys.rotate()
                output.renderer.show(
                    [
                        Record([
                            ("epoch", .integer(Int(report.epoch))),
                            ("tenants", .integer(report.tenants)),
                            ("rewrapped_keys", .integer(report.keys)),
                            ("destroyed_epochs", .integer(report.destroyed.count)),
                        ])
                    ],
                    isList: false
                )
            }
        }
    }
}
