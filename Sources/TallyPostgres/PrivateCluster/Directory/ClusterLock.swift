// The lock that makes one process the owner of a cluster's folder.
// initdb and the supervisor hold it too, so it is free only when a dead owner's work is over.

import Glibc

/// An exclusive lock on a cluster's folder, held by its owner and the owner's children.
package struct ClusterLock: Sendable {
    /// The open lock file, to be handed to children that outlive their owner.
    package let descriptor: OwnedDescriptor

    /// Takes the lock, or fails at once if its owner is alive.
    ///
    /// After the death of an owner it waits until its supervisor has stopped the server.
    package static func acquire(
        _ directory: ClusterDirectory,
        account: ServerAccount
    ) throws(PrivateClusterError) -> ClusterLock {
        let file = try TextFile(directory.lock, flags: O_RDWR | O_CREAT)
        try account.own(file.descriptor, mode: 0o600)
        let lock = ClusterLock(descriptor: file.descriptor)
        var taken = false
        _ = BoundedWait.holds(within: PrivateClusterLimits.shutdown) {
            taken = lock.isTaken()
            return taken || isAlive(file)
        }
        guard taken else { throw busy(directory, file) }
        guard ftruncate(file.descriptor.raw, 0) == 0 else { throw .system("empty the lock file") }
        try file.write("\(getpid())\n")
        return lock
    }

    /// Gives the lock up, for every process that holds it.
    package func release() {
        _ = flock(descriptor.raw, LOCK_UN)
        descriptor.close()
    }

    private func isTaken() -> Bool {
        flock(descriptor.raw, LOCK_EX | LOCK_NB) == 0
    }

    private static func owner(_ file: TextFile) -> pid_t? {
        pid_t(file.tail())
    }

    private static func isAlive(_ file: TextFile) -> Bool {
        owner(file).flatMap { ProcessStatus(of: $0) }?.isAlive ?? false
    }

    private static func busy(
        _ directory: ClusterDirectory,
        _ file: TextFile
    ) -> PrivateClusterError {
        let starter = owner(file).map { "process \($0)" } ?? "another process"
        let server =
            directory.processes.postmaster.map { "server process \($0), started by " } ?? ""
        return .alreadyRunning(directory, holder: server + starter)
    }
}

extension PrivateClusterError {
    /// Says who holds a cluster's folder.
    static func alreadyRunning(_ directory: ClusterDirectory, holder: String) -> Self {
        PrivateClusterError(
            code: .alreadyRunning,
            message: "The cluster in \(directory.path) is already in use by \(holder).",
            hint: "Stop that process first, or use another folder."
        )
    }
}
