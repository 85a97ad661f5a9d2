// The words of the write path's refusals, each with what the caller should do.

extension LaneWorker {
    static let unknownTenant = StoreError(
        .notFound,
        "no such tenant",
        hint: "check the name with tally tenant list"
    )
    static let requestReused = StoreError(
        .requestReused,
        "this request id was used for another request",
        hint: "give every request an id of its own; retry a request unchanged"
    )
    static let frozen = StoreError(
        .frozen,
        "the tenant is frozen",
        hint: "an operator can lift it: tally tenant thaw"
    )
    static let erased = StoreError(
        .erased,
        "the tenant or a data subject of this event was erased",
        hint: "a returning person needs an explicit readmission"
    )
    static let outcomeUnknown = StoreError(
        .outcomeUnknown,
        "the connection was lost; the event may or may not have been stored",
        hint: "retry with the same request id: it is stored once and you get its receipt"
    )

    /// Why a request was not tried; one that was sent before may be stored all the same.
    static func notReached(_ pending: PendingRequest) -> StoreError {
        guard pending.unknownSince == nil else { return outcomeUnknown }
        return StoreError(
            .refused,
            "a request in front of it in the same list was refused",
            hint: "correct that one, and send it and those behind it again"
        )
    }

    static func versionConflict(_ mismatch: (event: Int, current: Int)) -> StoreError {
        StoreError(
            .versionConflict,
            "the stream is at version \(mismatch.current), not at the expected",
            hint: "read the stream again, decide anew, and retry with a new request id",
            pointer: "/events/\(mismatch.event)/expect",
            currentVersion: mismatch.current
        )
    }
}
