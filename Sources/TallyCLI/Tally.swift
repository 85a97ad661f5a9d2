// The command line: noun verb, plus the daily verbs. One file a command in Commands.

internal import ArgumentParser
internal import Foundation

/// The root command.
@main
struct Tally: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tally",
        abstract: "A ledger both sides can check, which can also forget.",
        discussion: """
            Examples:
              tally demo                      see the whole story on real data
              tally verify acme               check every event of a tenant

            Connections come from --db, --keys, --kek-dir and --key-journal, else from
            TALLY_DB, TALLY_KEYS, TALLY_KEK_DIR and TALLY_KEY_JOURNAL, else from db, keys,
            kek-dir and key-journal in the nearest tally.yaml upwards. --kek, TALLY_KEK or kek
            instead of kek-dir names an OpenBao server or an HSM by a URI.

            How long backups and old key epochs are kept is in backup-days (29) and
            key-backup-days (0) of tally.yaml, or TALLY_BACKUP_DAYS and TALLY_KEY_BACKUP_DAYS.
            Collections that no restore rewinds are in never-rewind or TALLY_NEVER_REWIND, with
            commas between them.

            Exit codes: 0 done, 1 error, 2 cancelled, 3 integrity broken, 4 not allowed,
            5 not found, 6 conflict, 7 waits for approval, 8 incomplete, 9 a promise is not
            kept, 10 refused by policy, 64 usage, 74 an output cannot be written, 75 try again,
            141 nobody reads the output.
            """,
        version: TallyVersion.text,
        subcommands: [
            InitCommand.self, DevCommand.self, DemoCommand.self, StatusCommand.self,
            DoctorCommand.self, AppendCommand.self, TailCommand.self, VerifyCommand.self,
            TenantCommand.self, EventCommand.self, DocumentCommand.self, StreamCommand.self,
            TimeCommand.self, RestoreCommand.self, ProjectionCommand.self, ErasureCommand.self,
            SubjectCommand.self,
            HoldCommand.self, KeyCommand.self, OperatorCommand.self, OwnerCommand.self,
            ApprovalCommand.self,
            SchemaCommand.self, VersionCommand.self, CompletionCommand.self,
        ]
    )

    /// The command that was asked for, as `tenant list`, without anything that was given to it.
    static var invoked: String {
        var names: [String] = []
        var commands = configuration.subcommands
        for word in CommandLine.arguments.dropFirst() {
            let found = commands.first { $0.configuration.commandName == word }
            guard let found else { continue }
            names.append(word)
            commands = found.configuration.subcommands
        }
        return names.joined(separator: " ")
    }

    /// Runs a command; every problem ends in three lines and its exit code.
    static func main() async {
        Outlet.prepare()
        Crash.keepSilent()
        Memory.returnsLargeBuffers()
        var code: Int32 = 0
        do {
            try ProcessText.requireUTF8()
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            code = Failure.end(error)
        }
        Foundation.exit(Outlet.exitCode(code))
    }
}

/// The version of this build.
enum TallyVersion {
    static let text = "0.1.0"
}
