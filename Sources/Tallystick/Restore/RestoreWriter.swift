// Writes the events of a restore: one a stream, with the version that the plan was made on. What somebody
// has written to since stays as it is.

internal import TallyCore
internal import TallyReplay
internal import TallyStore
internal import TallyVault

/// Appends the steps of one restore.
struct RestoreWriter: Sendable {
    let restore: DecisionID
    let tenant: TenantID
    let requester: String
    let appender: Appender
    let sealer: Sealer
    let names: StreamNames

    /// Writes some steps in one request, which stores all or none of them.
    ///
    /// - Parameters:
    ///   - steps: the steps, at most ``StoreLimits/requestEvents`` of them.
    ///   - number: that of the batch; written again, the same one stores nothing.
    /// - Returns: whether each step is applied; `false` is a conflict.
    /// - Throws: a ``StoreError``; written again, the batch stores what is missing of it.
    func write(
        _ steps: [RestorePlan.Step],
        batch number: Int
    ) async throws(StoreError) -> [Bool] {
        let found = try await names.names(tenant, steps.map { ($0.stream, $0.version) })
        let events = try steps.map { step throws(StoreError) in
            try event(step, found[step.stream])
        }
        let request = "restore/\(restore.hex)/\(number)"
        if try await append(events, request) { return steps.map { _ in true } }
        var applied: [Bool] = []
        for (index, (step, event)) in zip(steps, events).enumerated() {
            let isStored = try await append([event], "\(request)/\(index)")
            applied.append(isStored ? true : try await isApplied(step))
        }
        return applied
    }

    private func event(
        _ step: RestorePlan.Step,
        _ stream: String?
    ) throws(StoreError) -> NewEvent {
        guard let stream else {
            throw StoreError(
                .misconfigured,
                "a stream of the plan cannot be read",
                hint: "run tally verify --open"
            )
        }
        var event =
            step.target == 0
            ? NewEvent.delete(stream, type: "restore.deleted")
            : NewEvent.revert(stream, to: step.target, type: "restore.reverted")
        event.actor = requester
        event.correlation = restore.hex
        event.expecting = .version(step.version)
        return event
    }

    /// Stores a request; `false` when a stream has another version than the plan was made on.
    private func append(_ events: [NewEvent], _ request: String) async throws(StoreError) -> Bool {
        let sealed = try await sealer.seal(events, for: tenant, request: request)
        do {
            _ = try await appender.append(sealed)
            return true
        } catch let error as StoreError {
            guard error.code == .versionConflict else { throw error }
            return false
        } catch {
            throw StoreError(.unavailable, "the restore was cut off", hint: "apply it again")
        }
    }

    /// Whether the event behind a step's version is this restore's own: request ids are forgotten in time.
    func isApplied(_ step: RestorePlan.Step) async throws(StoreError) -> Bool {
        try await applied([step]) == [true]
    }

    /// The same for many steps.
    func applied(_ steps: [RestorePlan.Step]) async throws(StoreError) -> [Bool] {
        let found = try await names.newest(tenant, steps.map { ($0.stream, $0.version + 1) })
        return steps.map { step in
            guard let event = found[step.stream], event.stored.version == step.version + 1,
                case .content(let envelope) = event.envelope
            else { return false }
            return envelope.correlation == restore.hex
        }
    }
}
