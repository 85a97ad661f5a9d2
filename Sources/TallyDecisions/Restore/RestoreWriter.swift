// Writes the events of a restore: one a stream, with the version that the plan was made on. What
// somebody has written to since stays as it is.

internal import TallyCore
internal import TallyReplay
internal import TallyStore
internal import TallyVault

/// Appends the steps of one restore.
struct RestoreWriter: Sendable {
    let restore: DecisionID
    let tenant: TenantID
    let requester: OperatorID
    let neverRewind: [String]
    let appender: Appender
    let sealer: Sealer
    let names: StreamNames

    /// Writes some steps in one request, which stores all or none of them.
    ///
    /// - Parameters:
    ///   - steps: the steps, at most ``StoreLimits/requestEvents`` of them.
    ///   - number: that of the batch; written again, the same one stores nothing.
    /// - Returns: whether each step is applied; `false` is a conflict.
    /// - Throws: a ``Problem``; written again, the batch stores what is missing of it.
    func write(
        _ steps: [RestorePlan.Step],
        batch number: Int
    ) async throws(Problem) -> [Bool] {
        let found = try await names.names(tenant, steps.map { ($0.stream, $0.version) })
        let isKept = found.values.contains { stream in neverRewind.contains { stream.isIn($0) } }
        guard !isKept else { throw Self.kept }
        let events = try steps.map { step throws(Problem) in
            try event(step, found[step.stream])
        }
        let request = "restore/\(restore.hex)/\(number)"
        if try await append(events, request) { return steps.map { _ in true } }
        var applied: [Bool] = []
        for (index, (step, event)) in zip(steps, events).enumerated() {
            let isStored = try await append([event], "\(request)/\(index)")
            applied.append(isStored ? true : try await self.applied([step]) == [true])
        }
        return applied
    }

    private func event(
        _ step: RestorePlan.Step,
        _ stream: String?
    ) throws(Problem) -> NewEvent {
        guard let stream else { throw Self.unreadable }
        var event =
            step.target == 0
            ? NewEvent.delete(stream, type: "restore.deleted")
            : NewEvent.revert(stream, to: step.target, type: "restore.reverted")
        event.actor = "operator:\(requester.hex)"
        event.correlation = restore.hex
        event.expecting = .version(step.version)
        return event
    }

    /// Stores a request; `false` when a stream has another version than the plan was made on.
    private func append(_ events: [NewEvent], _ request: String) async throws(Problem) -> Bool {
        let sealed = try await sealer.seal(events, for: tenant, request: request)
        do {
            _ = try await appender.append(sealed)
            return true
        } catch let error as Problem {
            switch error.code {
            case .versionConflict: return false
            case .frozen: throw Problem.restoreStopped
            default: throw error
            }
        } catch {
            throw Problem.restoreCutOff
        }
    }

    /// Whether the event behind each step's version is just the one that this restore writes: one
    /// that began under an earlier build has events that no request's id names.
    func applied(_ steps: [RestorePlan.Step]) async throws(Problem) -> [Bool] {
        let found = try await names.newest(tenant, steps.map { ($0.stream, $0.version + 1) })
        return try steps.map { step throws(Problem) in
            guard let newest = found[step.stream], newest.stored.version == step.version + 1,
                case .content(let envelope) = newest.envelope
            else { return false }
            let own = try event(step, envelope.stream)
            let texts = [envelope.type, envelope.actor, envelope.correlation].map { ByteText($0) }
            return envelope.operation == own.operation
                && texts == [own.type, own.actor, own.correlation].map { ByteText($0) }
                && envelope.data.text == own.data ?? []
        }
    }

    private static let unreadable = Problem(
        .misconfigured,
        "a stream of the plan cannot be read",
        hint: "run \(.verifyOpening)"
    )
    private static let kept = Problem(
        .forbidden,
        "a stream of the plan lies in a collection that is never rewound",
        hint: "\(.abortRestore), then plan it where never-rewind is set"
    )
}

extension Problem {
    static let restoreStopped = Problem(
        .forbidden,
        "the restore is not being applied any more, or this login lacks tally_executor",
        hint: "\(.showRestore) says what has become of it"
    )
    static let restoreCutOff = Problem(
        .unavailable,
        "the restore was cut off",
        hint: "apply it again"
    )
}
