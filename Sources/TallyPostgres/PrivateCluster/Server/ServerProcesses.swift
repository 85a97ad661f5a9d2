// Which PostgreSQL processes live in a data directory, as the kernel sees it.
// A pid file may be stale and its pid reused; the current folder of a process is not.

import Foundation
package import Glibc

/// The running server processes of one data directory.
package struct ServerProcesses: Sendable {
    /// The canonical path of the data directory, where every server process has its current folder.
    package let dataDirectory: String

    /// Makes a view of the processes in a data directory given by its canonical path.
    package init(dataDirectory: String) {
        self.dataDirectory = dataDirectory
    }

    /// The pid in `postmaster.pid`, whether alive or not.
    package var recordedPID: pid_t? {
        let path = "\(dataDirectory)/postmaster.pid"
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        return text.split(separator: "\n").first.flatMap { pid_t($0) }
    }

    /// The pid of the running postmaster, or nil if there is none.
    package var postmaster: pid_t? {
        recordedPID.flatMap { isServing($0) ? $0 : nil }
    }

    /// All live server processes, the ones that outlived their postmaster included.
    package func all() -> [pid_t] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { pid_t($0) }.filter(isServing)
    }

    /// Ends every server process with SIGKILL and returns whether all are gone in time.
    package func killAll() -> Bool {
        // The postmaster first, so that it cannot replace a process that is already gone.
        if let postmaster { kill(postmaster, SIGKILL) }
        return BoundedWait.holds(within: PrivateClusterLimits.orphanExit) {
            let remaining = all()
            for pid in remaining { kill(pid, SIGKILL) }
            return remaining.isEmpty
        }
    }

    // A process of another user hides its folder; then its name decides, to be on the safe side.
    private func isServing(_ pid: pid_t) -> Bool {
        guard let status = ProcessStatus(of: pid), status.isAlive, status.name == "postgres" else {
            return false
        }
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let length = readlink("/proc/\(pid)/cwd", &buffer, buffer.count)
        guard length >= 0 else { return errno == EACCES && pid == recordedPID }
        return String(decoding: buffer[..<length], as: UTF8.self) == dataDirectory
    }
}
