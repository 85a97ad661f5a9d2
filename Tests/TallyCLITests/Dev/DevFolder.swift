// A folder for a ledger of `tally dev`, and runs of the command on it, ended when the test ends.

import Foundation
import TallyTesting

/// A folder that the server's user can enter, removed together with the ledger in it.
final class DevFolder {
    let path: String

    init() throws {
        path = "\(try TestCluster.shared.get().scratch)/dev-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o755]
        )
    }

    deinit {
        _ = try? dev(["--remove", "--yes"])
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Where the ledger is.
    var ledger: String { "\(path)/ledger" }

    /// The environment without any ledger, its list of ledgers in this folder.
    var environment: [String: String] {
        ["PATH": "/usr/bin:/bin", "HOME": path, "XDG_STATE_HOME": path]
    }

    /// Runs `tally dev` on the ledger of this folder.
    func dev(_ words: [String], _ command: [String] = []) throws -> TallyProcess {
        let tail = command.isEmpty ? [] : ["--"] + command
        return try TallyProcess.run(
            ["dev", "--no-projections", "--data", ledger] + words + tail,
            environment: environment
        )
    }

    /// Runs a script of the shell under `tally dev`.
    func script(_ text: String) throws -> TallyProcess { try dev([], ["sh", "-c", text]) }

    func has(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(path)/\(name)")
    }
}
