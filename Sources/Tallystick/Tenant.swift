// One tenant of a ledger: where callers append.

package import TallyCore
internal import TallyPostgres
internal import TallyStore

/// A tenant: its events, in one order of their own.
public struct Tenant: Sendable {
    package let ledger: Ledger
    /// The name it was found by.
    public let name: String
    package let id: TenantID

    package init(ledger: Ledger, name: String, id: TenantID) {
        self.ledger = ledger
        self.name = name
        self.id = id
    }

    /// Appends one event and returns when it is durable.
    ///
    /// ```swift
    /// let receipt = try await acme.append(
    ///     .patch("billing/invoice/2041", type: "invoice.updated", data: #"{"total":"140.00"}"#),
    ///     expecting: .version(7), actor: "user:17", request: requestID)
    /// ```
    ///
    /// - Parameters:
    ///   - event: what happened.
    ///   - expecting: the version the stream must have.
    ///   - actor: who acted, an opaque id.
    ///   - request: an id of 1 to 255 bytes that makes a retry harmless; drawn when `nil`, but
    ///     then a retry after a lost reply would store the event again.
    ///   - purpose: why it is recorded although the tenant may be restricted (GDPR Art. 18(2)).
    /// - Returns: where the event stands; a retry gets the same receipt.
    /// - Throws: ``Problem``; only `outcomeUnknown` leaves open whether the event was stored.
    public func append(
        _ event: NewEvent,
        expecting: ExpectedVersion = .any,
        actor: String = "",
        request: String? = nil,
        purpose: ProcessingPurpose? = nil
    ) async throws(Problem) -> Receipt {
        var event = event
        event.expecting = expecting
        event.actor = actor
        let receipts = try await append([event], request: request, purpose: purpose)
        guard let receipt = receipts.first else {
            throw Problem(
                .unavailable,
                "the receipt was lost",
                hint: "retry with the same request id"
            )
        }
        return receipt
    }

    /// Appends up to 500 events, all or none, in this order and without others between them.
    ///
    /// - Returns: a receipt for each event, in order.
    /// - Throws: as ``append(_:expecting:actor:request:)``.
    public func append(
        _ events: [NewEvent],
        request: String? = nil,
        purpose: ProcessingPurpose? = nil
    ) async throws(Problem) -> [Receipt] {
        let id = request ?? RequestID.draw(at: ledger.configuration.clock())
        do {
            let lanes = try ledger.lanes(for: self, purpose)
            let sealer = Sealer(vault: ledger.vault)
            let sealed = try await sealer.seal(events, for: self.id, request: id)
            return try await lanes.append(sealed)
        } catch {
            guard let receipts = try await owed(events, id, after: Problem(error)) else {
                throw Problem(error)
            }
            return receipts
        }
    }

    /// The receipts of a request that was stored before somebody in it was erased.
    private func owed(
        _ events: [NewEvent],
        _ request: String,
        after problem: Problem
    ) async throws(Problem) -> [Receipt]? {
        guard problem.code == .erased else { return nil }
        let writers = Ledger.pool(ledger.configuration.database, role: "tally_writer")
        defer { writers.close() }
        do throws(StoreError) {
            return try await KnownRequest(pool: writers, vault: ledger.vault)
                .receipts(of: events, for: id, request: request)
        } catch {
            throw Problem(error)
        }
    }

    /// Appends many requests, each on its own, in this order.
    ///
    /// Keys that several of them need are made once, sealing and storing overlap.
    /// - Returns: for each request its receipts or its problem; one never fails the others.
    package func append(
        requests: [(events: [NewEvent], id: String)]
    ) async -> [Result<[Receipt], Problem>] {
        let sealer = Sealer(vault: ledger.vault)
        var tickets: [Result<Ticket, Problem>] = []
        let lanes: Appender
        do {
            lanes = try ledger.lanes(for: self)
            try await sealer.prepareKeys(for: requests.map(\.events), of: id)
        } catch {
            return requests.map { _ in .failure(Problem(error)) }
        }
        for request in requests {
            do {
                let sealed = try await sealer.seal(request.events, for: id, request: request.id)
                tickets.append(.success(lanes.enqueue(sealed)))
            } catch {
                tickets.append(.failure(Problem(error)))
            }
        }
        var results: [Result<[Receipt], Problem>] = []
        for (ticket, request) in zip(tickets, requests) {
            results.append(await receipts(ticket, request))
        }
        return results
    }

    private func receipts(
        _ ticket: Result<Ticket, Problem>,
        _ request: (events: [NewEvent], id: String)
    ) async -> Result<[Receipt], Problem> {
        do {
            return .success(try await ticket.get().receipts())
        } catch {
            let problem = Problem(error)
            do throws(Problem) {
                let owed = try await owed(request.events, request.id, after: problem)
                return owed.map { .success($0) } ?? .failure(problem)
            } catch {
                return .failure(error)
            }
        }
    }
}
