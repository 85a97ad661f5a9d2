// How a PostgreSQL program is run: as which user, from which folder, with which environment.
// PrivateCluster makes one at every start and hands it to each step.

import Foundation

/// The account, programs and environment of one private server.
package struct ServerRuntime: Sendable {
    // The parent's environment may hold keys and passwords, and server-side code can read its
    // own: only what a program needs to run is passed on.
    private static let inherited = ["PATH", "LD_LIBRARY_PATH", "TMPDIR", "TZ"]
    private static let defaultPath = "/usr/local/bin:/usr/bin:/bin"

    /// Who runs the programs.
    package let account: ServerAccount

    /// Where the programs are.
    package let binaries: ServerBinaries

    /// The whole environment of the programs.
    package let environment: [String: String]

    /// Finds the account and the programs of this machine.
    package init(extraEnvironment: [String: String] = [:]) throws(PrivateClusterError) {
        account = try ServerAccount.find()
        binaries = try ServerBinaries.find()
        environment = Self.environment(
            from: ProcessInfo.processInfo.environment,
            adding: extraEnvironment
        )
    }

    /// Returns what the server sees of the parent's environment, without any `PG*` variable.
    package static func environment(
        from parent: [String: String],
        adding extra: [String: String]
    ) -> [String: String] {
        let kept = parent.filter { inherited.contains($0.key) }
        return ["PATH": defaultPath, "LC_ALL": "C.UTF-8"]
            .merging(kept) { $1 }
            .merging(extra.filter { !$0.key.hasPrefix("PG") }) { $1 }
    }

    /// Starts a command as the server's account.
    package func start(
        _ command: [String],
        descriptors: [OwnedDescriptor?]
    ) throws(PrivateClusterError) -> ChildProcess {
        try ChildProcess(
            account.commandPrefix + command,
            environment: environment,
            descriptors: descriptors
        )
    }

    /// Runs a command to its end as the server's account, at most for `limit`.
    package func run(
        _ command: [String],
        atMost limit: Duration,
        holding lock: ClusterLock? = nil
    ) throws(PrivateClusterError) -> CommandResult {
        try CommandResult.run(
            account.commandPrefix + command,
            environment: environment,
            atMost: limit,
            holding: lock
        )
    }
}
