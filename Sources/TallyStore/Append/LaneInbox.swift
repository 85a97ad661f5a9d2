// Where callers put requests and a lane's thread takes batches: bounded, and fair to tenants.

internal import Dispatch
internal import Synchronization
internal import TallyCore

/// A lane's queue, one line a tenant.
///
/// A tenant whose batch is in the hands of the patient lane is *away*: its line grows, but
/// nobody else takes from it, so its order holds.
final class LaneInbox: Sendable {
    private let state = Mutex(LaneLines())
    private let wakeup = DispatchSemaphore(value: 0)

    /// Adds a request at the end of its tenant's line.
    ///
    /// - Returns: why it was refused, or `nil`.
    func push(_ pending: PendingRequest) -> Problem? {
        let (refusal, mustWake): (Problem?, Bool) = state.withLock { state in
            if state.isClosed { return (Self.closed, false) }
            guard state.count < StoreLimits.laneRequests, state.bytes < StoreLimits.laneBytes
            else { return (Self.full, false) }
            state.append(pending)
            return (nil, state.wake())
        }
        if mustWake { wakeup.signal() }
        if refusal?.code == .overloaded { LaneMetrics.overloaded() }
        return refusal
    }

    /// Puts requests back at the head of their tenant's line.
    func putBack(_ batch: TenantBatch) {
        guard !batch.requests.isEmpty else { return }
        state.withLock { $0.prepend(batch) }
    }

    /// Waits for requests and takes a batch: up to 1,000 events and 4 MiB; while others wait, one
    /// tenant gets at most half of it.
    ///
    /// - Returns: `nil` when the inbox is closed and empty.
    func takeBatch() -> [TenantBatch]? {
        while true {
            let (batch, isDone) = state.withLock { state in
                let batch = state.takeReady()
                state.isSleeping = batch.isEmpty
                return (batch, state.isDone)
            }
            if !batch.isEmpty { return batch }
            if isDone { return nil }
            wakeup.wait()
        }
    }

    /// Takes the requests of one tenant that is away, up to one batch.
    func take(_ tenant: TenantID) -> TenantBatch {
        state.withLock { state in
            var room = BatchRoom(events: StoreLimits.batchEvents)
            return TenantBatch(tenant: tenant, requests: state.take(tenant, &room))
        }
    }

    /// Keeps a tenant's line from being taken by ``takeBatch()``.
    func sendAway(_ tenant: TenantID) {
        state.withLock { $0.sendAway(tenant) }
    }

    /// Ends what ``sendAway(_:)`` began.
    func welcomeBack(_ tenant: TenantID) {
        let mustWake = state.withLock { state in
            state.welcomeBack(tenant)
            return state.wake()
        }
        if mustWake { wakeup.signal() }
    }

    /// Refuses new requests; those that wait are still taken.
    func close() {
        let mustWake = state.withLock { state in
            state.isClosed = true
            return state.wake()
        }
        if mustWake { wakeup.signal() }
    }

    private static let full = Problem(
        .overloaded,
        "too many appends are waiting",
        hint: "retry with the same request id after a pause"
    )
    private static let closed = Problem(
        .unavailable,
        "the ledger is shutting down",
        hint: "retry with the same request id"
    )
}
