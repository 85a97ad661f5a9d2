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
        subcommands: [List.self, Rotate.self, Restore.self, DoctorCommand.self]
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

        @OptionGroup(title: "Connection") var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await ledger.open { ledger in
                output.renderer.show(try await ledger.vault.epochs().map { Self.record($0) })
            }
        }

        private static func record(_ epoch: KeyEpoch) -> Record {
            Record([
                ("epoch", .integer(Int(epoch.number))), ("provider", .text(epoch.provider)),
                ("state", .text(epoch.state.rawValue)), ("created_at", .time(epoch.createdAt)),
                ("destroyed_at", epoch.receipt.map { .time($0.destroyedAt) } ?? .absent),
                ("assurance", epoch.receipt.map { .text($0.assurance) } ?? .absent),
                ("recorded", .text(epoch.isRecorded ? "yes" : "no")),
            ])
        }
    }

    struct Restore: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Bring a lost key store back from the key journal.",
            discussion: """
                Examples:
                  tally schema migrate
                  tally key restore

                Needs the KEKs, the journal and the ledger's database. Whatever an erasure has
                destroyed stays destroyed. Rotate afterwards: tally key rotate.
                """
        )

        @OptionGroup(title: "Connection") var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions

        @Flag(help: "Say what would be done, and do nothing.")
        var dryRun = false

        func run() async throws {
            try await ledger.open { ledger in
                if dryRun { return Talk.say("would add the keys of the journals to the key store") }
                let report = try await ledger.restoreKeys()
                output.renderer.show(
                    [
                        Record([
                            ("epochs", .integer(report.epochs.count)),
                            ("tenants", .integer(report.tenants)), ("keys", .integer(report.keys)),
                        ])
                    ],
                    isList: false
                )
            }
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
                it every six hours; a service does so by itself.
                """
        )

        @OptionGroup(title: "Connection") var ledger: LedgerOptions
        @OptionGroup var output: OutputOptions

        @Flag(help: "Say what would be done, and do nothing.")
        var dryRun = false

        func run() async throws {
            try await ledger.open { ledger in
                if dryRun {
                    let epoch = try await ledger.vault.currentEpoch() ?? 0
                    return Talk.say("would wrap all tenants' keys anew and end epoch \(epoch)")
                }
                let report = try await ledger.rotateKeys()
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
