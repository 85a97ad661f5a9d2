// The codes with which the functions of both schemas refuse: one list, and what each means to a
// caller.

internal import TallyCore
internal import TallyPostgres

/// A code of class TL, which PostgreSQL gives as SQLSTATE; docs/operating/errors.md says more of
/// each.
package enum RefusalCode: String, Sendable, CaseIterable {
    /// An argument or batch that breaks a rule.
    case invalid = "TL001"
    /// An event more than two seconds ahead of the database's clock.
    case clockAhead = "TL002"
    /// An append in another isolation level than READ COMMITTED.
    case isolation = "TL003"
    /// What is named is not there.
    case notFound = "TL004"
    /// What should be made is there already, or was replaced meanwhile.
    case exists = "TL005"
    /// The tenant is erased.
    case erased = "TL006"
    /// A change of what was recorded.
    case immutable = "TL007"
    /// The ledger's own log is not for callers.
    case ownLog = "TL008"
    /// A stored event is missing or not in the format.
    case damaged = "TL009"
    /// The rules of decisions do not allow it.
    case undecided = "TL010"
    /// Another operator must sign first.
    case approvalRequired = "TL011"
    /// A projection holds what was erased.
    case projectionBehind = "TL012"
    /// A batch that the append judges request by request.
    case hindered = "TL013"

    /// The code of an error; `nil` where PostgreSQL itself refused.
    init?(_ error: PostgresError) {
        guard error.code == .refused, let state = error.sqlState else { return nil }
        self.init(rawValue: state)
    }

    /// What it means to the caller.
    var meaning: Problem.Code {
        switch self {
        case .invalid: .invalid
        case .clockAhead, .isolation, .damaged: .misconfigured
        case .notFound: .notFound
        case .exists: .invalid
        case .erased: .erased
        case .immutable, .ownLog: .forbidden
        case .undecided: .forbidden
        case .approvalRequired: .approvalRequired
        case .projectionBehind: .projectionBehind
        case .hindered: .overloaded
        }
    }

    /// What to do about it.
    var hint: Remedy {
        switch self {
        case .invalid: "correct the value and try again"
        case .clockAhead: "synchronise the clocks (NTP) and retry with the same request id"
        case .isolation: "call the append outside a transaction of your own, or in READ COMMITTED"
        case .notFound: "check the name, or run \(.initialize)"
        case .exists: "choose another name, or use what exists"
        case .erased: "this cannot be changed"
        case .immutable: "append an event that says what is right now"
        case .ownLog: "name a tenant of your own"
        case .damaged: "run \(.verify): it names what was damaged"
        case .undecided: "\(.listRequests(all: false)) shows what waits"
        case .approvalRequired:
            "another operator signs it: \(.approve(nil))"
        case .projectionBehind:
            "run the service that keeps them, or: \(.removeProjection("NAME"))"
        case .hindered: "retry with the same request id after a pause"
        }
    }
}

extension Problem {
    /// A refusal of one of our functions; each says itself what happened.
    init?(refusal error: PostgresError) {
        guard let code = RefusalCode(error) else { return nil }
        let message =
            code == .clockAhead
            ? "this machine's clock is more than two seconds ahead of the database's, so the "
                + "event was "
                + "refused" : error.message
        self.init(code.meaning, message, hint: code.hint)
    }
}
