// A sealed request on its way through a lane, with the way back to its callers.

internal import TallyCore

/// What became of a request.
enum RequestOutcome: Sendable {
    case stored([Receipt])
    /// Events of its id were there already: whether they are this request is for others to tell.
    case known
    case refused(Problem)
}

/// A request that waits in a lane, or is in its batch.
struct PendingRequest: Sendable {
    let request: SealedRequest
    /// Where it stands in a list that is stored in order.
    let place: RunPlace?
    /// Called exactly once.
    let reply: @Sendable (RequestOutcome) -> Void
    /// When this request was first sent without learning its outcome.
    var unknownSince: ContinuousClock.Instant?

    init(
        _ request: SealedRequest,
        place: RunPlace? = nil,
        reply: @escaping @Sendable (RequestOutcome) -> Void
    ) {
        self.request = request
        self.place = place
        self.reply = reply
    }

    /// Whether the lane has tried long enough to learn what became of it.
    var isOverdue: Bool {
        unknownSince.map { .now - $0 > StoreLimits.outcomeDeadline } ?? false
    }

    func fail(_ error: Problem) { reply(.refused(error)) }
}

/// Requests of one tenant, in the order in which they came.
struct TenantBatch: Sendable {
    let tenant: TenantID
    var requests: [PendingRequest]
}
