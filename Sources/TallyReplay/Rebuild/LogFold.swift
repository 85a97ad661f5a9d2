// All documents of a tenant, folded from its first event on: small ones in memory, of large ones
// only so many that memory stays bounded.

package import TallyCore
package import TallyPostgres
internal import TallyStore
package import TallyVault

/// Folds whole logs.
package struct LogFold: Sendable {
    private let log: OpenedLog
    private let streams: StreamReader

    /// Reads through connections of role tally_reader, `jobs` pages at a time.
    package init(pool: ConnectionPool, vault: Vault, jobs: Int = 2) {
        log = OpenedLog(pool: pool, vault: vault, jobs: jobs)
        streams = StreamReader(pool: pool, vault: vault)
    }

    /// The streams of a tenant as they were before a position.
    ///
    /// A revert reads its own stream again; every other event is read once, and those of documents
    /// that were let go of once more when they are asked for.
    /// - Parameters:
    ///   - tenant: whose log.
    ///   - position: the first position that no longer counts.
    ///   - skipped: positions that are left out.
    ///   - progress: is told how many events are done.
    /// - Returns: every stream, also those without a document.
    /// - Throws: `misconfigured` when an event is missing or cannot be folded.
    /// - Complexity: O(events); memory for all documents up to ``ReplayLimits/countedBytes``, and
    ///   ``ReplayLimits/foldedBytes`` of larger ones.
    package func fold(
        _ tenant: TenantID,
        before position: Int,
        skipping skipped: Set<Int> = [],
        progress: (Int) -> Void = { _ in }
    ) async throws(Problem) -> FoldedLog {
        let states = LogStates()
        do {
            try await log.read(tenant, 0..<position, skipping: skipped) { events, end in
                for event in events {
                    if let revert = try states.apply(event, isWhole: skipped.isEmpty) {
                        try await apply(revert, event, tenant, skipped)
                        states.weigh(revert)
                    }
                }
                progress(end)
            }
        } catch {
            throw Problem(error)
        }
        return FoldedLog(
            states: states.states,
            streams: streams,
            tenant: tenant,
            position: position,
            skipped: skipped
        )
    }

    /// A revert reads its stream again: what it goes back to is not remembered.
    private func apply(
        _ state: LogState,
        _ event: OpenedEvent,
        _ tenant: TenantID,
        _ skipped: Set<Int>
    ) async throws(Problem) {
        guard let tag = event.stored.stream else { return }
        let end = event.stored.position + 1
        do throws(Problem) {
            let folded = try await streams.fold(tenant, tag, before: end, skipping: skipped)
            state.document.become(folded?.content)
        } catch {
            guard error.code == .tooLarge else { throw error }
            state.document.becomeTooLarge()
        }
    }
}

/// A stream while its log is folded; an object, so that a document changes where it is.
final class LogState {
    /// Stale where it was let go of.
    var document = DocumentState(version: 0)
    /// What it was last counted with.
    var counted = 0
}

/// All streams of a tenant while its log is folded.
private final class LogStates {
    private(set) var states: [BlindTag: LogState] = [:]
    /// The bytes of large documents that are held.
    private var held = 0

    /// Folds an event; gives the stream's state for a revert, which the caller has to resolve.
    ///
    /// Every version must follow on, unless events were left out.
    func apply(_ event: OpenedEvent, isWhole: Bool) throws -> LogState? {
        guard let tag = event.stored.stream, let envelope = event.envelope else { return nil }
        let input = try FoldEvent(event)
        let state = state(of: tag)
        let version = state.document.version ?? 0
        guard input.version == version + 1 || (!isWhole && input.version > version)
        else { throw event.unfoldable(FoldError(.gap, at: version + 1)) }
        if state.document.stream.isEmpty { state.document.stream = try event.open(envelope).stream }
        state.document.version = input.version
        state.document.position = event.stored.position
        guard input.operation != .revert else { return state }
        do throws(FoldError) {
            try state.document.apply(input)
        } catch {
            throw event.unfoldable(error)
        }
        weigh(state)
        return nil
    }

    /// Counts a document that has changed, and lets go of it where too much is held.
    func weigh(_ state: LogState) {
        let weight = state.document.weight
        held -= state.counted
        state.counted = weight >= ReplayLimits.countedBytes ? weight : 0
        guard held + state.counted > ReplayLimits.foldedBytes else {
            held += state.counted
            return
        }
        state.document.letGo()
        state.counted = 0
    }

    private func state(of tag: BlindTag) -> LogState {
        if let state = states[tag] { return state }
        let state = LogState()
        states[tag] = state
        return state
    }
}
