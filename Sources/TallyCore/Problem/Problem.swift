// The one error of the ledger: every module above the keys and the database throws it.

/// Why the ledger did not do what was asked, and what to do about it.
///
/// The code decides the HTTP status and the CLI's exit code. No payload, personal name or key
/// is ever part of a problem.
public struct Problem: Error, Sendable, CustomStringConvertible {
    /// The kinds of problem, by the names that the HTTP API shows.
    public enum Code: String, Sendable, CaseIterable {
        /// The request breaks a rule; ``Problem/pointer`` says where.
        case invalid
        /// It is not known who asks.
        case unauthenticated
        /// Who asks may not do this.
        case forbidden
        /// The tenant, event or key does not exist.
        case notFound = "not_found"
        /// The stream has another version; ``Problem/currentVersion`` says which.
        case versionConflict = "version_conflict"
        /// The content was erased for good.
        case erased
        /// The request is larger than a bound.
        case tooLarge = "too_large"
        /// The request id was used for another request.
        case requestReused = "request_reused"
        /// The tenant is frozen (GDPR Art. 18).
        case frozen
        /// Another person must approve first.
        case approvalRequired = "approval_required"
        /// Too many requests in a short time.
        case rateLimited = "rate_limited"
        /// Too many requests wait.
        case overloaded
        /// A projection has not caught up.
        case projectionBehind = "projection_behind"
        /// A legal hold forbids it.
        case hold
        /// The log is not the one that a cursor was taken from: an event that was seen is another
        /// one now.
        case historyChanged = "history_changed"
        /// A register's row is not what the log says, or the log is no chain: nothing is done.
        case alteredRegister = "altered_register"
        /// PostgreSQL or the key store cannot be reached; nothing was stored.
        case unavailable
        /// The installation is wrong: schema, KEK directory, clock, privileges.
        case misconfigured
        /// It may or may not have been stored; retry with the same request id.
        case outcomeUnknown = "outcome_unknown"
    }

    /// What kind of problem this is.
    public let code: Code
    /// What happened and why, in one line.
    public let message: String
    /// What to do about it.
    public let remedy: Remedy
    /// Where in the submitted data the fault is (RFC 6901), if it is in there.
    public let pointer: String?
    /// The stream's version, for a `versionConflict`.
    public let currentVersion: Int?

    /// Makes a problem.
    public init(
        _ code: Code,
        _ message: String,
        hint remedy: Remedy,
        pointer: String? = nil,
        currentVersion: Int? = nil
    ) {
        self.code = code
        self.message = message
        self.remedy = remedy
        self.pointer = pointer
        self.currentVersion = currentVersion
    }

    /// What to do about it, in the words of the command line.
    public var hint: String { remedy.description }

    /// The problem in one line.
    public var description: String { "\(code.rawValue): \(message)" }
}

extension Problem.Code {
    /// The exit code of a command that ends with this problem.
    public var exitCode: Int32 {
        switch self {
        case .invalid, .tooLarge, .misconfigured: 1
        case .historyChanged, .alteredRegister: 3
        case .unauthenticated, .forbidden: 4
        case .notFound: 5
        case .versionConflict, .requestReused: 6
        case .approvalRequired: 7
        case .frozen, .erased, .hold: 10
        case .overloaded, .unavailable, .projectionBehind, .outcomeUnknown, .rateLimited: 75
        }
    }
}
