// The write path of callers: one event, one request, or many requests.

public import TallyCore
public import TallyStore

extension Tenant {
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
    ///   - expecting: the version the stream must have, in place of the one that the event expects.
    ///   - actor: who acted, an opaque id; `nil` for the event's own.
    ///   - request: an id of 1 to 255 bytes that makes a retry harmless; drawn when `nil`, but
    ///     then a retry after a lost reply would store the event again.
    ///   - purpose: why it is recorded although the tenant may be restricted (GDPR Art. 18(2)).
    /// - Returns: where the event stands; a retry gets the same receipt.
    /// - Throws: ``Problem``; only `outcomeUnknown` leaves open whether the event was stored.
    public func append(
        _ event: NewEvent,
        expecting: ExpectedVersion,
        actor: String? = nil,
        request: String? = nil,
        purpose: ProcessingPurpose? = nil
    ) async throws(Problem) -> Receipt {
        var event = event
        event.expecting = expecting
        return try await append(event, actor: actor, request: request, purpose: purpose)
    }

    /// Appends one event, which may expect a version itself, and returns when it is durable.
    ///
    /// - Parameters:
    ///   - event: what happened.
    ///   - actor: who acted, an opaque id; `nil` for the event's own.
    ///   - request: an id of 1 to 255 bytes that makes a retry harmless; drawn when `nil`.
    ///   - purpose: why it is recorded although the tenant may be restricted (GDPR Art. 18(2)).
    /// - Returns: where the event stands; a retry gets the same receipt.
    /// - Throws: as ``append(_:expecting:actor:request:purpose:)``.
    public func append(
        _ event: NewEvent,
        actor: String? = nil,
        request: String? = nil,
        purpose: ProcessingPurpose? = nil
    ) async throws(Problem) -> Receipt {
        var event = event
        if let actor { event.actor = actor }
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
    /// - Throws: as ``append(_:expecting:actor:request:purpose:)``.
    public func append(
        _ events: [NewEvent],
        request: String? = nil,
        purpose: ProcessingPurpose? = nil
    ) async throws(Problem) -> [Receipt] {
        do {
            let lanes = try ledger.lanes(for: self, purpose)
            switch try await seal(RequestDraft(events, request: request)) {
            case .sealed(let sealed): return try await lanes.append(sealed)
            case .known(let receipts): return receipts
            }
        } catch {
            throw Problem(error)
        }
    }

    /// What becomes of a checked request before it boards a lane.
    private enum Sealing {
        case sealed(SealedRequest)
        /// It was stored before somebody in it was erased: its receipts are owed.
        case known([Receipt])
    }

    /// Seals a request; one with somebody who was erased since gets what it is owed.
    ///
    /// A lane needs no such look: it asks the database for the request before it refuses one.
    private func seal(_ draft: RequestDraft) async throws(Problem) -> Sealing {
        do throws(Problem) {
            return .sealed(try await Sealer(vault: ledger.vault).seal(draft, for: id))
        } catch  where error.code == .erased {
            let known = KnownRequest(pool: ledger.writers, vault: ledger.vault)
            guard let receipts = try await known.receipts(of: draft, for: id) else { throw error }
            return .known(receipts)
        }
    }

    /// Appends many requests, each on its own, in this order.
    ///
    /// Keys that several of them need are made once, sealing and storing overlap. A refused one is
    /// left out and those behind it are stored; to stop there, use ``append(inOrder:)``.
    /// - Returns: for each request its receipts or its problem; one never fails the others.
    public func append(
        requests: [AppendRequest]
    ) async -> [Result<[Receipt], Problem>] {
        var drafts: [Result<RequestDraft, Problem>] = []
        for request in requests { drafts.append(Self.draft(request)) }
        let lanes: Appender
        do {
            lanes = try ledger.lanes(for: self)
            try await Sealer(vault: ledger.vault)
                .prepareKeys(for: drafts.compactMap { try? $0.get() }, of: id)
        } catch {
            return requests.map { _ in .failure(Problem(error)) }
        }
        var tickets: [Result<Ticket, Problem>] = []
        for draft in drafts {
            do {
                switch try await seal(draft.get()) {
                case .sealed(let sealed): tickets.append(.success(lanes.enqueue(sealed)))
                case .known(let receipts): tickets.append(.success(Ticket(resolved: receipts)))
                }
            } catch {
                tickets.append(.failure(Problem(error)))
            }
        }
        var results: [Result<[Receipt], Problem>] = []
        for ticket in tickets { results.append(await Self.receipts(ticket)) }
        return results
    }

    /// Appends requests one after the other, up to the first that is refused.
    ///
    /// Exactly those before it are stored, in this order, and none behind it is; only where its
    /// problem is `outcomeUnknown` this is open for it and those behind it. Storing still takes
    /// many of them at a time.
    /// - Returns: the receipts of each stored request, in order, and why the next one is not.
    public func append(
        inOrder requests: [AppendRequest]
    ) async -> (stored: [[Receipt]], refusal: Problem?) {
        var (drafts, refusal) = Self.drafts(requests)
        var tickets: [Ticket] = []
        do {
            let lanes = try ledger.lanes(for: self)
            try await Sealer(vault: ledger.vault).prepareKeys(for: drafts, of: id)
            let run = OrderedRun()
            for draft in drafts {
                guard !run.isRefused else { break }
                try Task.checkCancellation()
                switch try await seal(draft) {
                case .sealed(let sealed): tickets.append(await lanes.enqueue(sealed, in: run))
                case .known(let receipts): tickets.append(Ticket(resolved: receipts))
                }
            }
        } catch {
            refusal = Problem(error)
        }
        var stored: [[Receipt]] = []
        for ticket in tickets {
            do {
                stored.append(try await ticket.receipts())
            } catch {
                return (stored, Problem(error))
            }
        }
        return (stored, refusal)
    }

    /// A dry run of appends to this tenant: what they would answer, and nothing is stored.
    ///
    /// - Throws: `forbidden` for the ledger's own tenant.
    public func rehearsal() throws(Problem) -> AppendRehearsal {
        try ledger.requireCallers(of: self)
        return AppendRehearsal(of: id, pool: ledger.writers, vault: ledger.vault)
    }

    private static func draft(_ request: AppendRequest) -> Result<RequestDraft, Problem> {
        Result { () throws(Problem) in try RequestDraft(request.events, request: request.id) }
    }

    /// The checked requests up to the first that breaks a rule, and which it breaks.
    private static func drafts(
        _ requests: [AppendRequest]
    ) -> (drafts: [RequestDraft], refusal: Problem?) {
        var drafts: [RequestDraft] = []
        for request in requests {
            switch draft(request) {
            case .success(let draft): drafts.append(draft)
            case .failure(let problem): return (drafts, problem)
            }
        }
        return (drafts, nil)
    }

    private static func receipts(
        _ ticket: Result<Ticket, Problem>
    ) async -> Result<[Receipt], Problem> {
        do {
            return .success(try await ticket.get().receipts())
        } catch {
            return .failure(Problem(error))
        }
    }
}
