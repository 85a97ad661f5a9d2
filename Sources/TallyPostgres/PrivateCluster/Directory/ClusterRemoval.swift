// Deleting a cluster: what the cluster itself has put into its folder, and nothing else.

import Foundation
import Glibc

/// Deletes the folder of a cluster that does not run.
package enum ClusterRemoval {
    private static let ours = [
        "data", "data.initdb", "server.log", "server.log.old", "cluster.lock",
    ]

    /// Deletes a cluster, and its folder if nothing else is in there; symbolic links are not
    /// followed.
    ///
    /// - Returns: the paths that are left, since no cluster made them.
    /// - Throws: `already_running` when a server runs in it; `directory_unusable` when the folder
    ///   is no folder. Nothing was deleted then.
    package static func remove(_ folder: String) throws(PrivateClusterError) -> [String] {
        var status = stat()
        guard lstat(folder, &status) == 0 else { return [] }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw PrivateClusterError(
                code: .directoryUnusable,
                message: "\(folder) is not a folder, but a link or a file.",
                hint: "Look where it leads, and remove it by hand."
            )
        }
        let directory = ClusterDirectory(path: folder)
        let lock = try ClusterLock.acquire(directory, account: try ServerAccount.find())
        defer { lock.release() }
        if let server = directory.processes.postmaster {
            throw .alreadyRunning(directory, holder: "server process \(server)")
        }
        return try removeContents(of: folder)
    }

    private static func removeContents(of folder: String) throws(PrivateClusterError) -> [String] {
        let files = FileManager.default
        do {
            for name in ours where (try? files.attributesOfItem(atPath: "\(folder)/\(name)")) != nil
            {
                try files.removeItem(atPath: "\(folder)/\(name)")
            }
            let left = try files.contentsOfDirectory(atPath: folder)
            if left.isEmpty { rmdir(folder) }
            return left.map { "\(folder)/\($0)" }
        } catch {
            throw PrivateClusterError(
                code: .directoryUnusable,
                message:
                    "The cluster in \(folder) cannot be deleted: \(error.localizedDescription)",
                hint: "Check who owns the folder, then try again."
            )
        }
    }
}
