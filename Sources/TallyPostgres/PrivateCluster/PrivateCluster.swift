// A PostgreSQL server of our own, on a unix socket that nobody else can reach.
// The zero-setup path of the command line tool and of every test starts here.

package import Glibc
import Synchronization

/// A private PostgreSQL server that lives as long as the process that started it.
///
/// It does not manage databases or roles: there is one superuser, and trust inside a folder that
/// only the server's account and root may enter. It stops by itself when this process dies.
package final class PrivateCluster: Sendable {
    /// The version as PostgreSQL numbers it, for example 150013 for 15.13.
    package let serverVersion: Int

    /// The folder of PostgreSQL's programs, such as `psql` and `pg_dump`, of the same version.
    package let binaryDirectory: String

    /// The canonical path of the data directory.
    package let dataDirectory: String

    /// The log of the server.
    package let logFile: String

    /// The folder of the unix socket, new at every start.
    package let socketDirectory: String

    /// The pid of the server's first process.
    package let postmasterPID: pid_t

    private let running: Mutex<Running?>

    private struct Running: Sendable {
        let supervisor: ServerSupervisor
        let lock: ClusterLock
    }

    private init(
        runtime: ServerRuntime,
        directory: ClusterDirectory,
        socket: SocketDirectory,
        lock: ClusterLock
    ) throws(PrivateClusterError) {
        let supervisor = try ServerSupervisor(
            runtime: runtime,
            directory: directory,
            socket: socket,
            lock: lock
        )
        running = Mutex(Running(supervisor: supervisor, lock: lock))
        serverVersion = runtime.binaries.version
        binaryDirectory = runtime.binaries.directory
        dataDirectory = directory.data
        logFile = directory.log
        socketDirectory = socket.path
        postmasterPID = directory.processes.recordedPID ?? 0
    }

    deinit { try? stop() }

    /// Starts the cluster of a folder, creating it on first use, and waits until it is ready.
    ///
    /// Blocks the thread, on first use for some seconds. A server that crashed or lost power
    /// before recovers by itself.
    ///
    /// - Parameter configuration: The folder, extra settings and durability.
    /// - Returns: The running cluster.
    /// - Throws: `already_running` if the folder is in use by a live process; other codes tell
    ///   what to repair on this machine before trying again.
    package static func start(
        _ configuration: PrivateClusterConfiguration
    ) throws(PrivateClusterError) -> PrivateCluster {
        let settings = try ServerSettings(configuration)
        let runtime = try ServerRuntime(extraEnvironment: configuration.environment)
        let directory = try ClusterDirectory.prepare(configuration.directory, runtime: runtime)
        let lock = try ClusterLock.acquire(directory, account: runtime.account)
        try DataDirectory(
            directory,
            runtime: runtime,
            lock: lock,
            durable: configuration.durable
        ).prepare()
        let socket = try SocketDirectory.create(account: runtime.account)
        do {
            try settings.write(
                to: directory.data,
                socketDirectory: socket.path,
                account: runtime.account
            )
            return try PrivateCluster(
                runtime: runtime,
                directory: directory,
                socket: socket,
                lock: lock
            )
        } catch {
            socket.remove()
            throw error
        }
    }

    /// Returns the libpq URI of a database, for the superuser over the unix socket.
    package func uri(database: String) -> String {
        let host = Self.percentEncoded(socketDirectory)
        let name = Self.percentEncoded(database)
        return "postgresql://\(DataDirectory.superuser)@\(host):\(SocketDirectory.port)/\(name)"
    }

    /// Stops the server and removes its socket; open transactions are rolled back.
    ///
    /// Later calls do nothing, and a concurrent one waits for the first.
    ///
    /// - Throws: `stop_failed` if the server does not go away; the call may be repeated.
    package func stop() throws(PrivateClusterError) {
        try end { (supervisor) throws(PrivateClusterError) in try supervisor.shutDown() }
    }

    /// Kills every process of the server with SIGKILL, for fault tests; the data stays as it is.
    ///
    /// The socket is removed and the folder can be started again, with another socket.
    ///
    /// - Throws: `stop_failed` if a process does not go away.
    package func kill9() throws(PrivateClusterError) {
        try end { (supervisor) throws(PrivateClusterError) in try supervisor.killAll() }
    }

    private func end(
        _ body: (ServerSupervisor) throws(PrivateClusterError) -> Void
    ) throws(PrivateClusterError) {
        try running.withLock { (current: inout Running?) throws(PrivateClusterError) in
            guard let owned = current else { return }
            try body(owned.supervisor)
            owned.lock.release()
            current = nil
        }
    }

    private static func percentEncoded(_ text: String) -> String {
        let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~".utf8)
        return text.utf8.reduce(into: "") { result, byte in
            let hex = String(byte, radix: 16, uppercase: true)
            result +=
                plain.contains(byte)
                ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + hex
        }
    }
}
