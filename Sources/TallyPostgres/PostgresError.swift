// What PostgreSQL or the way to it reports, without any parameter that was sent.

/// A failure of a connection or a statement.
///
/// It keeps the server's primary message and code. Details, hints and contexts can quote data
/// and stay behind, but for the JSON that our own functions put there.
package struct PostgresError: Error, Sendable, CustomStringConvertible {
    /// What went wrong, as far as the caller's next step depends on it.
    package enum Code: Sendable, Equatable {
        /// No connection could be made, for now.
        case unreachable
        /// No connection can be made like this: the login, the URI or what stands in between is
        /// wrong.
        case rejected
        /// The server is a standby, which does not write; nothing was done.
        case standby
        /// The connection ended in mid-call; what it was doing may or may not have happened.
        case connectionLost
        /// The server refused the statement, or would have, if it had been sent; see
        /// ``PostgresError/sqlState``.
        case refused
        /// The commit is on this server, but a synchronous standby has not confirmed it.
        case unconfirmedCommit
        /// A result that is not what the statement promises.
        case unexpectedResult
        /// Too many callers are waiting for a connection.
        case overloaded
        /// The pool was closed.
        case closed
    }

    /// What went wrong.
    package let code: Code
    /// The server's five-character code, if it gave one.
    package let sqlState: String?
    /// The primary message.
    package let message: String
    /// The detail of an error of class TL, which our functions write.
    package let detail: String?

    /// Makes an error.
    package init(
        _ code: Code,
        sqlState: String? = nil,
        message: String,
        detail: String? = nil
    ) {
        self.code = code
        self.sqlState = sqlState
        self.message = message
        self.detail = detail
    }

    /// The error in one line.
    package var description: String {
        sqlState.map { "\(message) (SQLSTATE \($0))" } ?? message
    }
}

extension PostgresError {
    /// What a standby answers to whoever writes.
    package static let standby = PostgresError(
        .standby,
        sqlState: "25006",
        message: "this server is a standby, and this needs the primary"
    )

    /// Whether the server refused for a reason that stays: a right, a function or a row that is not
    /// there, and no resource, lock or shutdown.
    package var isLasting: Bool {
        guard code == .refused, let sqlState else { return false }
        return !["40", "53", "55", "57", "58", "08"].contains(sqlState.prefix(2))
    }

    /// Whether a standby has ended a statement since the log that it replays came into its way.
    var isRecoveryConflict: Bool { ["40001", "40P01"].contains(sqlState) }
}
