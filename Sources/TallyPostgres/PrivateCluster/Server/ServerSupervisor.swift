// The small process that starts the server and stops it when we are gone, however we die.
// It reads from a lifeline whose other end only we hold: end of file means stop.

import Glibc

/// The process between us and the server, and its lifeline.
package final class ServerSupervisor: Sendable {
    private let process: ChildProcess
    private let lifeline: OwnedDescriptor
    private let runtime: ServerRuntime
    private let directory: ClusterDirectory
    private let socket: SocketDirectory

    /// Starts the supervisor and waits until its server accepts connections.
    package init(
        runtime: ServerRuntime,
        directory: ClusterDirectory,
        socket: SocketDirectory,
        lock: ClusterLock
    ) throws(PrivateClusterError) {
        self.runtime = runtime
        self.directory = directory
        self.socket = socket
        let ends = try OwnedDescriptor.pair()
        lifeline = ends.0
        let status = try TextFile.unnamed()
        let output = try TextFile.unnamed()
        let logStart = (try? TextFile(directory.log, flags: O_RDONLY).size) ?? 0
        process = try runtime.start(
            Self.command(SupervisorScript.supervise, runtime, directory, socket),
            descriptors: [ends.1, status.descriptor, output.descriptor, lock.descriptor]
        )
        ends.1.close()
        guard awaitStart(status) else {
            let log = TextFile.tail(of: directory.log, from: logStart)
            try? shutDown()
            throw failed([output.tail(), log].filter { !$0.isEmpty }.joined(separator: "\n"))
        }
    }

    /// Stops the server, removes its socket and waits for both.
    ///
    /// If the supervisor itself was killed, its last steps are run once more from here. After an
    /// error it may be called again.
    package func shutDown() throws(PrivateClusterError) {
        lifeline.close()
        let status = process.wait(atMost: PrivateClusterLimits.shutdown)
        if status != 0 {
            process.killGroup()
            _ = try runtime.run(
                Self.command(SupervisorScript.stop, runtime, directory, socket),
                atMost: PrivateClusterLimits.shutdown
            )
        }
        socket.remove()
        // The postmaster removes its pid file, for which pg_ctl waits, just before it exits.
        let isGone = BoundedWait.holds(within: PrivateClusterLimits.orphanExit) {
            directory.processes.all().isEmpty
        }
        guard !isGone else { return }
        throw stuck(directory.processes.all())
    }

    /// Kills the supervisor and every server process with SIGKILL, and keeps the data as it is.
    package func killAll() throws(PrivateClusterError) {
        process.killGroup()
        lifeline.close()
        let isGone = directory.processes.killAll()
        socket.remove()
        guard !isGone else { return }
        throw stuck(directory.processes.all())
    }

    private func awaitStart(_ status: TextFile) -> Bool {
        let limit = PrivateClusterLimits.start + PrivateClusterLimits.supervisorMargin
        _ = BoundedWait.holds(within: limit) {
            status.size > 0 || process.exitStatus() != nil
        }
        return status.size > 0
    }

    private static func command(
        _ script: String,
        _ runtime: ServerRuntime,
        _ directory: ClusterDirectory,
        _ socket: SocketDirectory
    ) -> [String] {
        let bounds = [
            PrivateClusterLimits.start, PrivateClusterLimits.fastStop,
            PrivateClusterLimits.immediateStop,
        ]
        return ["/bin/sh", "-c", script, "tally-postgres-supervisor"]
            + [runtime.binaries.program("pg_ctl"), directory.data, directory.log, socket.path]
            + bounds.map { String($0.components.seconds) }
    }

    private func failed(_ output: String) -> PrivateClusterError {
        PrivateClusterError(
            code: .startFailed,
            message: "PostgreSQL did not start in \(directory.data):\n\(output)",
            hint: "The whole log is in \(directory.log)."
        )
    }

    private func stuck(_ pids: [pid_t]) -> PrivateClusterError {
        let list = pids.map(String.init).joined(separator: ", ")
        return PrivateClusterError(
            code: .stopFailed,
            message: "Processes of the server in \(directory.data) are still there: \(list).",
            hint: "Try again, or end them by hand; the log is \(directory.log)."
        )
    }
}
