// The folder of one cluster: where its files are, and making it usable for the server's user.
// Layout: data/ (PostgreSQL's), server.log (and the one before it), cluster.lock.

import Foundation
import Glibc

/// The folder that holds everything of one private cluster.
package struct ClusterDirectory: Sendable {
    private static let mangledByShell = Set("\"$`\\".unicodeScalars)

    /// The canonical path of the folder.
    package let path: String

    /// The data directory of the server.
    package var data: String { "\(path)/data" }

    /// The log of the server and its starters.
    package var log: String { "\(path)/server.log" }

    /// The file whose lock says that somebody is in charge of this cluster.
    package var lock: String { "\(path)/cluster.lock" }

    /// The server processes that run in the data directory.
    package var processes: ServerProcesses { ServerProcesses(dataDirectory: data) }

    /// Creates the folder if needed, gives it to the server's account and checks that it is usable.
    package static func prepare(
        _ requested: String,
        runtime: ServerRuntime
    ) throws(PrivateClusterError) -> ClusterDirectory {
        try checkCharacters(requested)
        try create(requested)
        guard let resolved = realpath(requested, nil) else { throw .system("resolve \(requested)") }
        defer { free(resolved) }
        let directory = ClusterDirectory(path: String(cString: resolved))
        try checkCharacters(directory.data)
        try directory.claim(for: runtime.account)
        try directory.checkReachable(runtime)
        return directory
    }

    /// Whether a cluster could live in a folder that is there: its path fits PostgreSQL's tools,
    /// and the server's user can enter it.
    package static func isUsable(inside parent: String) throws(PrivateClusterError) -> Bool {
        guard (try? checkCharacters("\(parent)/postgres/data")) != nil else { return false }
        let result = try CommandResult.run(
            try ServerAccount.find().commandPrefix + ["/usr/bin/test", "-x", parent],
            environment: [:],
            atMost: PrivateClusterLimits.command
        )
        return result.status == 0
    }

    /// Puts a very large log aside; only for the holder of the lock, while no server runs.
    // The server only appends, so a cluster that lives for years would fill the disk.
    package func rotateLog() {
        var status = stat()
        guard lstat(log, &status) == 0, status.st_size > PrivateClusterLimits.logBytes else {
            return
        }
        rename(log, "\(log).old")
    }

    // With fixed permissions: a strict umask of root would shut the server's user out.
    private static func create(_ path: String) throws(PrivateClusterError) {
        var partial = path.hasPrefix("/") ? "" : "."
        for component in path.split(separator: "/") {
            partial += "/\(component)"
            if mkdir(partial, 0o755) == 0 {
                chmod(partial, 0o755)
            } else if errno != EEXIST {
                throw .system("create the folder \(partial)")
            }
        }
    }

    // A full folder of somebody else is not taken over: a wrong path must not lose its owner.
    private func claim(for account: ServerAccount) throws(PrivateClusterError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw .system("look at \(path)") }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            errno = ENOTDIR
            throw .system("use \(path)")
        }
        let isEmpty = (try? FileManager.default.contentsOfDirectory(atPath: path))?.isEmpty ?? false
        guard status.st_uid == account.uid || isEmpty && geteuid() == 0 else {
            throw PrivateClusterError(
                code: .directoryUnusable,
                message: "The folder \(path) belongs to user \(status.st_uid), but the server runs"
                    + " as user \(account.uid).",
                hint: "Choose another folder, or run as the user that created this one."
            )
        }
        if isEmpty { try account.own(folder: path, mode: 0o700) }
    }

    private func checkReachable(_ runtime: ServerRuntime) throws(PrivateClusterError) {
        let command = ["/usr/bin/test", "-w", path]
        let result = try runtime.run(command, atMost: PrivateClusterLimits.command)
        guard result.status != 0 else { return }
        throw PrivateClusterError(
            code: .directoryUnusable,
            message: "User \(runtime.account.uid), who runs the server, cannot reach \(path)."
                + (result.output.isEmpty ? "" : "\n\(result.output)"),
            hint: "Choose a folder outside private home folders, for example under /var/lib."
        )
    }

    // pg_ctl pastes paths between double quotes of a shell command, unescaped.
    private static func checkCharacters(_ path: String) throws(PrivateClusterError) {
        let mangled = path.unicodeScalars.contains {
            $0.value < 0x20 || mangledByShell.contains($0)
        }
        let problem: String? =
            if path.isEmpty {
                "is empty"
            } else if mangled {
                "contains a quote, a dollar sign, a backslash or a control character"
            } else if path.utf8.count > PrivateClusterLimits.directoryPathBytes {
                "is longer than \(PrivateClusterLimits.directoryPathBytes) bytes"
            } else {
                nil
            }
        guard let problem else { return }
        throw PrivateClusterError(
            code: .unsupportedPath,
            message: "The path \"\(path)\" \(problem).",
            hint: "Choose another folder for the private cluster."
        )
    }
}
