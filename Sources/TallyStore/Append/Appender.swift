// The entrance to the lanes: each tenant has its lane, each request id is in flight once.

internal import Dispatch
internal import Synchronization
internal import TallyCore
package import TallyPostgres
package import TallyVault

/// Stores sealed requests through a fixed number of lanes.
package final class Appender: Sendable {
    /// A caller's id of a request; drawn ones are never on their way twice.
    private struct FlightKey: Hashable {
        let tenant: TenantID
        let request: ByteText
    }

    /// Who waits for a request's receipts, and where it stands in whose list.
    private struct Claim {
        let ticket = Ticket()
        let place: RunPlace?

        func settle(_ result: Result<[Receipt], Problem>) {
            if case .success = result {
                place?.settle(isStored: true)
            } else {
                place?.settle(isStored: false)
            }
            ticket.resolve(result)
        }
    }

    private struct Flight {
        let draft: RequestDraft
        /// Who waits for its answer; the first is whose request was sent.
        var claims: [Claim]
        /// Requests under the same id that need an answer of their own, one after the other: of
        /// other ones only the database can say whose id it is, and a list may refuse a request
        /// for one in front of it.
        var behind: [(request: SealedRequest, claim: Claim)] = []

        /// Whether its answer is an answer to that request too.
        func answers(_ request: SealedRequest) -> Bool {
            claims[0].place == nil && draft.digest == request.draft.digest
        }
    }

    private let lanes: [AppendLane]
    private let notifier: AppendNotifier
    private let known: KnownRequest
    private let writers: ConnectionPool
    private let comparisons = DispatchGroup()
    private let flights = Mutex<[FlightKey: Flight]>([:])

    /// Starts `lanes` lanes, each with two threads and up to two connections.
    ///
    /// - Parameters:
    ///   - configuration: where the ledger is; the role becomes tally_writer.
    ///   - lanes: how many, 1 or more.
    ///   - vault: the keys that open what was stored under an id that is used again.
    ///   - clock: µs since 1970; the system clock but in tests.
    package init(
        configuration: ConnectionConfiguration,
        lanes: Int,
        vault: Vault,
        clock: @escaping @Sendable () -> UInt64 = { Micros.now() }
    ) {
        precondition(lanes > 0)
        var writer = configuration
        writer.role = "tally_writer"
        // Planned for each batch anew, the append would take nearly twice as long.
        writer.settings["plan_cache_mode"] = "force_generic_plan"
        self.lanes = (0..<lanes).map { _ in AppendLane(configuration: writer, clock: clock) }
        notifier = AppendNotifier(configuration: writer)
        writers = ConnectionPool(writer, size: StoreLimits.knownReaders)
        known = KnownRequest(pool: writers, vault: vault)
    }

    /// Answers every accepted request, then ends the lanes.
    package func close() async {
        for lane in lanes { await lane.close() }
        await withCheckedContinuation { continuation in
            comparisons.notify(queue: .global()) { continuation.resume() }
        }
        notifier.close()
        writers.close()
    }

    /// Stores a request whole and gives the receipts of its events.
    ///
    /// - Throws: a ``Problem``; only `outcomeUnknown` leaves open whether it was stored.
    package func append(_ request: SealedRequest) async throws -> [Receipt] {
        try await enqueue(request).receipts()
    }

    /// Puts a request into its lane; requests of a tenant keep the order in which they come.
    package func enqueue(_ request: SealedRequest) -> Ticket {
        let claim = Claim(place: nil)
        _ = enter(request, claim)
        return claim.ticket
    }

    /// Puts the next request of a list into its lane: it is stored when all in front of it are, and
    /// refused once one of them was.
    ///
    /// One whose id is on its way waits here for that request's answer, so that nothing of its list
    /// overtakes it. All requests of a list are of one tenant.
    package func enqueue(_ request: SealedRequest, in run: OrderedRun) async -> Ticket {
        let claim = Claim(place: run.board())
        if !enter(request, claim) { _ = try? await claim.ticket.receipts() }
        return claim.ticket
    }

    /// Whether the request went into its lane itself, because no other had its id.
    private func enter(_ request: SealedRequest, _ claim: Claim) -> Bool {
        guard let id = request.draft.id.text else {
            send(request, claim) { [weak self] in self?.settle(request, claim, $0) }
            return true
        }
        let key = FlightKey(tenant: request.tenant, request: ByteText(id))
        guard board(key, request, claim) else { return false }
        send(request, claim) { [weak self] in self?.land(key, request, claim, $0) }
        return true
    }

    private func send(
        _ request: SealedRequest,
        _ claim: Claim,
        _ reply: @escaping @Sendable (RequestOutcome) -> Void
    ) {
        let pending = PendingRequest(request, place: claim.place, reply: reply)
        if let refusal = lane(of: request.tenant).push(pending) { pending.fail(refusal) }
    }

    /// Whether the request is the first under its id and must be sent; else it joins its like, or
    /// waits behind another.
    private func board(_ key: FlightKey, _ request: SealedRequest, _ claim: Claim) -> Bool {
        flights.withLock { flights in
            guard let flight = flights[key] else {
                flights[key] = Flight(draft: request.draft, claims: [claim])
                return true
            }
            if flight.answers(request) {
                flights[key]?.claims.append(claim)
            } else {
                flights[key]?.behind.append((request, claim))
            }
            return false
        }
    }

    private func lane(of tenant: TenantID) -> AppendLane {
        let sum = tenant.withUnsafeBytes { $0.reduce(0) { $0 &* 31 &+ UInt($1) } }
        return lanes[Int(sum % UInt(lanes.count))]
    }

    private func land(
        _ key: FlightKey,
        _ request: SealedRequest,
        _ claim: Claim,
        _ outcome: RequestOutcome
    ) {
        switch outcome {
        case .stored(let receipts): land(key, .success(receipts))
        case .refused(let problem): land(key, .failure(problem))
        case .known: compare(request, claim) { [weak self] in self?.land(key, $0) }
        }
    }

    private func land(_ key: FlightKey, _ result: Result<[Receipt], Problem>) {
        let flight = flights.withLock { $0.removeValue(forKey: key) }
        if case .success = result { notifier.poke() }
        for claim in flight?.claims ?? [] { claim.settle(result) }
        for (request, claim) in flight?.behind ?? [] { _ = enter(request, claim) }
    }

    private func settle(_ request: SealedRequest, _ claim: Claim, _ outcome: RequestOutcome) {
        switch outcome {
        case .stored(let receipts):
            notifier.poke()
            claim.settle(.success(receipts))
        case .refused(let problem): claim.settle(.failure(problem))
        case .known: compare(request, claim) { claim.settle($0) }
        }
    }

    /// Tells a retry from another request under the same id, which takes keys: no lane waits for
    /// it, but what stands behind it in a list does.
    private func compare(
        _ request: SealedRequest,
        _ claim: Claim,
        _ settle: @escaping @Sendable (Result<[Receipt], Problem>) -> Void
    ) {
        let held = claim.place == nil ? nil : lane(of: request.tenant)
        held?.hold(request.tenant)
        comparisons.enter()
        Task {
            settle(await known.result(of: request))
            held?.release(request.tenant)
            comparisons.leave()
        }
    }
}

extension KnownRequest {
    /// The answer to a request whose first event is there: nobody is told that it is not stored
    /// because it could not be compared.
    fileprivate func result(of request: SealedRequest) async -> Result<[Receipt], Problem> {
        do throws(Problem) {
            guard let receipts = try await receipts(of: request.draft, for: request.tenant) else {
                return .failure(LaneWorker.outcomeUnknown)
            }
            return .success(receipts)
        } catch {
            let isCertain = [.requestReused, .erased].contains(error.code)
            return .failure(isCertain ? error : LaneWorker.outcomeUnknown)
        }
    }
}
