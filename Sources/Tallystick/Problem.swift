// The one error of the public interface: every module's errors are mapped to it once, here.

package import TallyPostgres
package import TallyStore
package import TallyVault

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
        /// The log is not the one that a cursor was taken from: an event that was seen is another one
        /// now.
        case historyChanged = "history_changed"
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
    public let hint: String
    /// Where in the submitted data the fault is (RFC 6901), if it is in there.
    public let pointer: String?
    /// The stream's version, for a `versionConflict`.
    public let currentVersion: Int?

    /// Makes a problem.
    public init(
        _ code: Code,
        _ message: String,
        hint: String,
        pointer: String? = nil,
        currentVersion: Int? = nil
    ) {
        self.code = code
        self.message = message
        self.hint = hint
        self.pointer = pointer
        self.currentVersion = currentVersion
    }

    /// The problem in one line.
    public var description: String { "\(code.rawValue): \(message)" }
}

extension Problem.Code {
    /// The exit code of a command that ends with this problem.
    public var exitCode: Int32 {
        switch self {
        case .invalid, .tooLarge, .misconfigured: 1
        case .historyChanged: 3
        case .unauthenticated, .forbidden: 4
        case .notFound: 5
        case .versionConflict, .requestReused: 6
        case .approvalRequired: 7
        case .frozen, .erased, .hold: 10
        case .overloaded, .unavailable, .projectionBehind, .outcomeUnknown, .rateLimited: 75
        }
    }
}

extension Problem {
    package init(_ error: StoreError) {
        self.init(
            Self.code(error.code),
            error.message,
            hint: error.hint,
            pointer: error.pointer,
            currentVersion: error.currentVersion
        )
    }

    package init(_ error: VaultError) {
        self.init(StoreError(error))
    }

    package init(_ error: PostgresError) {
        self.init(StoreError(error))
    }

    /// Maps whatever a lower module threw.
    package init(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let error as StoreError: self.init(error)
        case let error as VaultError: self.init(error)
        case let error as PostgresError: self.init(error)
        case is CancellationError:
            self.init(
                .outcomeUnknown,
                "cancelled while waiting",
                hint: "retry with the same request id"
            )
        default:
            self.init(
                .misconfigured,
                "an error of a kind that was not foreseen",
                hint: "please report it with the command that led to it"
            )
        }
    }

    private static func code(_ code: StoreError.Code) -> Code {
        switch code {
        case .invalid, .exists: .invalid
        case .tooLarge: .tooLarge
        case .notFound: .notFound
        case .versionConflict: .versionConflict
        case .requestReused: .requestReused
        case .frozen: .frozen
        case .erased: .erased
        case .overloaded: .overloaded
        case .unavailable: .unavailable
        case .outcomeUnknown: .outcomeUnknown
        case .misconfigured: .misconfigured
        case .forbidden: .forbidden
        case .projectionBehind: .projectionBehind
        case .approvalRequired: .approvalRequired
        case .refused: .forbidden
        case .hold: .hold
        case .historyChanged: .historyChanged
        }
    }
}
