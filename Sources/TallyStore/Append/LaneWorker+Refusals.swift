// The words of the write path's refusals, each with what the caller should do.

internal import TallyCore

extension LaneWorker {
    static let unknownTenant = Problem(
        .notFound,
        "no such tenant",
        hint: "check the name with \(.listTenants)"
    )
    static let requestReused = Problem(
        .requestReused,
        "this request id was used for another request",
        hint: "give every request an id of its own; retry a request unchanged"
    )
    static let frozen = Problem(
        .frozen,
        "the tenant is frozen",
        hint: "an operator can lift it: \(.thaw)"
    )
    static let erased = Problem(
        .erased,
        "the tenant or a data subject of this event was erased",
        hint: "a returning person needs an explicit readmission"
    )
    static let outcomeUnknown = Problem(
        .outcomeUnknown,
        "the connection was lost; the event may or may not have been stored",
        hint: "retry with the same request id: it is stored once and you get its receipt"
    )

    /// Why a request was not tried; one that was sent before may be stored all the same.
    static func notReached(_ pending: PendingRequest) -> Problem {
        guard pending.unknownSince == nil else { return outcomeUnknown }
        return Problem(
            .forbidden,
            "a request in front of it in the same list was refused",
            hint: "correct that one, and send it and those behind it again"
        )
    }

    static func versionConflict(_ mismatch: (event: Int, current: Int)) -> Problem {
        Problem(
            .versionConflict,
            "the stream is at version \(mismatch.current), not at the expected",
            hint: "read the stream again, decide again, and retry with a new request id",
            pointer: "/events/\(mismatch.event)/expect",
            currentVersion: mismatch.current
        )
    }
}
