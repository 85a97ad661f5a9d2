// What is left of a command that ran to its end: its status and the last lines it wrote.
// For short commands; the long-lived supervisor is a ChildProcess of its own.

/// The outcome of a command whose output was kept away from our own streams.
package struct CommandResult: Sendable {
    /// The exit status, or nil if the command had to be ended because its time was up.
    package let status: Int32?

    /// The last lines of its output and errors.
    package let output: String

    /// Runs a command to its end, at most for `limit`, and then ends it.
    ///
    /// The first argument is the absolute path of the program. A command that holds the cluster's
    /// lock keeps others out even after the death of this process.
    package static func run(
        _ arguments: [String],
        environment: [String: String],
        atMost limit: Duration,
        holding lock: ClusterLock? = nil
    ) throws(PrivateClusterError) -> CommandResult {
        let output = try TextFile.unnamed()
        let streams = [nil, output.descriptor, output.descriptor]
        let child = try ChildProcess(
            arguments,
            environment: environment,
            descriptors: streams + (lock.map { [$0.descriptor] } ?? [])
        )
        let status = child.wait(atMost: limit)
        child.killGroup()
        guard status != ChildProcess.lostStatus else { throw lost(arguments) }
        return CommandResult(status: status, output: output.tail())
    }

    private static func lost(_ arguments: [String]) -> PrivateClusterError {
        PrivateClusterError(
            code: .systemCallFailed,
            message: "The exit status of this command is lost: \(arguments.joined(separator: " "))",
            hint: "This process must not ignore SIGCHLD, nor collect children that are not its own."
        )
    }
}
