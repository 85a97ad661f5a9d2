// Why a private PostgreSQL server could not be started or stopped.
// Every error says what happened, why, and what to do about it.

import Glibc

/// A failure of the private cluster: a stable code, what happened, and what to do.
package struct PrivateClusterError: Error, CustomStringConvertible {
    /// The kinds of failure, with the names that scripts and documentation use.
    package enum Code: String, Sendable {
        /// A server, or another starter, already holds this directory.
        case alreadyRunning = "already_running"
        /// The directory belongs to somebody else, or the server's user cannot reach it.
        case directoryUnusable = "directory_unusable"
        /// `initdb` failed.
        case initializationFailed = "initialization_failed"
        /// A setting has no valid name or value, or is one that the cluster owns.
        case invalidSetting = "invalid_setting"
        /// No PostgreSQL of a supported version is installed.
        case postgresNotFound = "postgres_not_found"
        /// There is no unprivileged user to run the server as.
        case serverUserMissing = "server_user_missing"
        /// The server did not come up.
        case startFailed = "start_failed"
        /// The server, or a process left over from it, did not go away in time.
        case stopFailed = "stop_failed"
        /// The operating system refused a call.
        case systemCallFailed = "system_call_failed"
        /// The path cannot be used: too long, or with characters that PostgreSQL's tools mangle.
        case unsupportedPath = "unsupported_path"
        /// The data directory was written by another major version of PostgreSQL.
        case wrongMajorVersion = "wrong_major_version"
    }

    /// The kind of failure, stable across releases.
    package let code: Code

    /// What happened and why, with the last lines of the tool's output where there are any.
    package let message: String

    /// What to do about it.
    package let hint: String

    /// Makes an error from its three parts.
    package init(code: Code, message: String, hint: String) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    /// The code, the message and the hint as one text.
    package var description: String { "\(code.rawValue): \(message)\n\(hint)" }

    /// Describes the system call that has just failed, from `errno`.
    static func system(_ action: String) -> PrivateClusterError {
        let reason = String(cString: strerror(errno))
        return PrivateClusterError(
            code: .systemCallFailed,
            message: "Cannot \(action): \(reason).",
            hint: "Check the path, its permissions and the free space, then try again."
        )
    }
}
