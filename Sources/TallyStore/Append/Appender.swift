// The entrance to the lanes: each tenant has its lane, each request id is in flight once.

internal import Synchronization
internal import TallyCore
internal import TallyCrypto
package import TallyPostgres
internal import TallyVault

/// Stores sealed requests through a fixed number of lanes.
package final class Appender: Sendable {
    private struct FlightKey: Hashable {
        let tenant: TenantID
        let request: String
    }

    private struct Flight {
        let digest: Digest
        var waiters: [Int: CheckedContinuation<[Receipt], any Error>] = [:]
    }

    private struct State {
        var flights: [FlightKey: Flight] = [:]
        var nextWaiter = 0
    }

    private enum Boarding {
        case first
        case joined
        case reused
    }

    private let lanes: [AppendLane]
    private let state = Mutex(State())

    /// Starts `lanes` lanes, each with two threads and up to two connections.
    ///
    /// - Parameter clock: µs since 1970; the system clock but in tests.
    package init(
        configuration: ConnectionConfiguration, lanes: Int,
        clock: @escaping @Sendable () -> UInt64 = { Micros.now() }
    ) {
        precondition(lanes > 0)
        var writer = configuration
        writer.role = "tally_writer"
        self.lanes = (0..<lanes).map { _ in AppendLane(configuration: writer, clock: clock) }
    }

    /// Answers every accepted request, then ends the lanes.
    package func close() async {
        for lane in lanes { await lane.close() }
    }

    /// Stores a request whole and gives the receipts of its events.
    ///
    /// A cancelled task stops waiting; its request is stored or not regardless, since it shares
    /// a batch with others.
    /// - Throws: a ``StoreError``; only `outcomeUnknown` leaves open whether it was stored.
    package func append(_ request: SealedRequest) async throws -> [Receipt] {
        let waiter = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                board(request, waiter, continuation)
                if Task.isCancelled { leave(request, waiter) }
            }
        } onCancel: {
            leave(request, waiter)
        }
    }

    private func board(
        _ request: SealedRequest, _ waiter: Int,
        _ continuation: CheckedContinuation<[Receipt], any Error>
    ) {
        let key = FlightKey(tenant: request.tenant, request: request.id)
        let boarding: Boarding = state.withLock { state in
            guard let flight = state.flights[key] else {
                state.flights[key] = Flight(
                    digest: request.digest, waiters: [waiter: continuation])
                return .first
            }
            guard flight.digest == request.digest else { return .reused }
            state.flights[key]?.waiters[waiter] = continuation
            return .joined
        }
        switch boarding {
        case .joined: return
        case .reused: continuation.resume(throwing: LaneWorker.requestReused)
        case .first:
            let pending = PendingRequest(request) { [weak self] in self?.land(key, $0) }
            if let refusal = lane(of: request.tenant).push(pending) { pending.fail(refusal) }
        }
    }

    private func lane(of tenant: TenantID) -> AppendLane {
        let sum = tenant.withUnsafeBytes { $0.reduce(0) { $0 &* 31 &+ UInt($1) } }
        return lanes[Int(sum % UInt(lanes.count))]
    }

    private func land(_ key: FlightKey, _ result: Result<[Receipt], StoreError>) {
        let flight = state.withLock { $0.flights.removeValue(forKey: key) }
        for continuation in (flight?.waiters ?? [:]).values {
            continuation.resume(with: result.mapError { $0 as any Error })
        }
    }

    private func leave(_ request: SealedRequest, _ waiter: Int) {
        let key = FlightKey(tenant: request.tenant, request: request.id)
        let continuation = state.withLock {
            $0.flights[key]?.waiters.removeValue(forKey: waiter)
        }
        continuation?.resume(throwing: CancellationError())
    }
}
