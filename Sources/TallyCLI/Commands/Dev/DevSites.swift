// tally dev --list and --remove: what was made for trying out, and how to be rid of it.

internal import ArgumentParser
internal import Foundation
internal import TallyCore
internal import Tallystick

/// The ledgers that `tally dev` and `tally demo` have made.
enum DevSites {
    /// Shows them, with where their databases are and what state they are in.
    static func list(_ output: OutputOptions) throws(Problem) {
        let records = try EmbeddedRegistry.known().map { entry in
            Record([
                ("directory", .text(entry.directory)), ("databases", .text(entry.cluster)),
                ("state", .text(entry.state.rawValue)),
            ])
        }
        output.renderer.show(records)
    }

    /// Deletes the ledger of a directory, after it has asked.
    static func remove(_ directory: String, isSure: Bool) throws {
        let removal = try EmbeddedRemoval(directory: directory)
        if !isSure {
            guard isatty(STDIN_FILENO) == 1 else {
                throw ValidationError("there is no terminal to ask on: give --yes to remove it")
            }
            Talk.ask("delete the ledger in \(removal.directory), its keys and its databases")
            guard ["y", "yes"].contains(readLine()?.lowercased() ?? "") else {
                throw ExitStatus(code: 2)
            }
        }
        for kept in try removal.run() {
            Talk.say("not removed, since tally did not make it: \(kept)")
        }
        Talk.say("removed the ledger in \(removal.directory)")
    }
}
