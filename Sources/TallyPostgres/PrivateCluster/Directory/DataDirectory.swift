// The data directory itself: created on first use, checked for its version and for leftovers.
// Runs between taking the cluster's lock and starting the server.

import Foundation
import Glibc

/// The steps that bring a data directory into a state in which a server can start.
package struct DataDirectory: Sendable {
    /// The superuser that `initdb` creates.
    package static let superuser = "tally"

    private let directory: ClusterDirectory
    private let runtime: ServerRuntime
    private let lock: ClusterLock
    private let durable: Bool

    private var path: String { directory.data }

    /// Makes the steps for one folder; `durable` says whether `initdb` flushes what it writes.
    package init(
        _ directory: ClusterDirectory,
        runtime: ServerRuntime,
        lock: ClusterLock,
        durable: Bool
    ) {
        self.directory = directory
        self.runtime = runtime
        self.lock = lock
        self.durable = durable
    }

    /// Creates the data directory on first use, and makes sure that a server may start in it.
    package func prepare() throws(PrivateClusterError) {
        if access(path, F_OK) != 0 { try initialize() }
        try checkVersion()
        try checkNotServed()
        try waitForOrphans()
        removeStalePIDFile()
        directory.rotateLog()
    }

    // In a folder of another name first: after a crash in the middle there is no half a cluster.
    private func initialize() throws(PrivateClusterError) {
        let unfinished = "\(path).initdb"
        try? FileManager.default.removeItem(atPath: unfinished)
        try runInitDB(unfinished)
        let file = try TextFile("\(unfinished)/postgresql.conf", flags: O_WRONLY | O_APPEND)
        try file.write("\ninclude_if_exists '\(ServerSettings.fileName)'\n")
        guard rename(unfinished, path) == 0 else { throw .system("rename \(unfinished)") }
        try flush(directory.path)
    }

    private func runInitDB(_ target: String) throws(PrivateClusterError) {
        let command = [
            runtime.binaries.program("initdb"), "--pgdata=\(target)", "--locale=C.UTF-8",
            "--encoding=UTF8", "--data-checksums", "--auth=trust",
            "--username=\(Self.superuser)", "--no-instructions",
        ]
        let result = try runtime.run(
            durable ? command : command + ["--no-sync"],
            atMost: PrivateClusterLimits.initialization,
            holding: lock
        )
        guard result.status != 0 else { return }
        throw PrivateClusterError(
            code: .initializationFailed,
            message: result.status == nil
                ? "initdb did not finish in time:\n\(result.output)"
                : "initdb failed in \(directory.path):\n\(result.output)",
            hint: "Check the free space and that the locale C.UTF-8 exists, then try again."
        )
    }

    private func flush(_ folder: String) throws(PrivateClusterError) {
        let descriptor = try OwnedDescriptor.open(folder, flags: O_RDONLY | O_DIRECTORY)
        guard fsync(descriptor.raw) == 0 else { throw .system("flush \(folder)") }
    }

    private func checkVersion() throws(PrivateClusterError) {
        let found = TextFile.tail(of: "\(path)/PG_VERSION")
        let expected = String(runtime.binaries.major)
        guard found != expected else { return }
        let origin = found.isEmpty ? "has no PG_VERSION" : "was written by PostgreSQL \(found)"
        throw PrivateClusterError(
            code: .wrongMajorVersion,
            message: "The data directory \(path) \(origin), but \(runtime.binaries.directory)"
                + " is PostgreSQL \(expected).",
            hint: "Use another folder, or move the data with pg_upgrade or pg_dump."
        )
    }

    // The lock is ours, so this is a server that somebody started by hand.
    private func checkNotServed() throws(PrivateClusterError) {
        guard let pid = directory.processes.postmaster else { return }
        throw .alreadyRunning(directory, holder: "server process \(pid)")
    }

    private func waitForOrphans() throws(PrivateClusterError) {
        let isQuiet = BoundedWait.holds(within: PrivateClusterLimits.orphanExit) {
            directory.processes.all().isEmpty
        }
        guard !isQuiet else { return }
        let pids = directory.processes.all().map(String.init).joined(separator: ", ")
        throw .alreadyRunning(directory, holder: "processes of a dead server: \(pids)")
    }

    // PostgreSQL ignores a stale file only if no process at all has that pid; after a power loss
    // or in a container a stranger may have it, and the file may even be empty.
    private func removeStalePIDFile() {
        unlink("\(path)/postmaster.pid")
    }
}
