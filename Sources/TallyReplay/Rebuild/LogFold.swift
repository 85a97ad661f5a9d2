// All documents of a tenant, folded from its first event on, in memory.

package import TallyCore
package import TallyPostgres
package import TallyStore
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

    /// The streams of a tenant as they were before a position, by tag.
    ///
    /// A revert reads its own stream again; every other event is read once.
    /// - Parameters:
    ///   - tenant: whose log.
    ///   - position: the first position that no longer counts.
    ///   - skipped: positions that are left out.
    ///   - progress: is told how many events are done.
    /// - Returns: every stream, also those without a document.
    /// - Throws: `misconfigured` when an event is missing or cannot be folded.
    /// - Complexity: O(events); memory for all documents.
    package func fold(
        _ tenant: TenantID,
        before position: Int,
        skipping skipped: Set<Int> = [],
        progress: (Int) -> Void = { _ in }
    ) async throws(StoreError) -> [BlindTag: FoldedStream] {
        let states = States()
        do {
            try await log.read(tenant, 0..<position, skipping: skipped) { events, end in
                for event in events {
                    if let revert = try states.apply(event, isWhole: skipped.isEmpty) {
                        try await apply(revert, event, tenant, skipped)
                    }
                }
                progress(end)
            }
        } catch {
            throw ReplayFailure.error(error)
        }
        return states.streams
    }

    /// A revert reads its stream again: what it goes back to is not remembered.
    private func apply(
        _ state: State,
        _ event: OpenedEvent,
        _ tenant: TenantID,
        _ skipped: Set<Int>
    ) async throws {
        guard let tag = event.stored.stream else { return }
        let end = event.stored.position + 1
        let folded = try await streams.fold(tenant, tag, before: end, skipping: skipped)
        state.content = folded?.content
    }
}

/// A stream while its log is folded; an object, so that a document changes where it is.
private final class State {
    var stream = ""
    var version = 0
    var position = 0
    var content: DocumentContent?
}

/// All streams of a tenant while its log is folded.
private final class States {
    private var states: [BlindTag: State] = [:]

    /// Folds an event; gives the stream's state for a revert, which the caller has to resolve.
    ///
    /// Every version must follow on, unless events were left out.
    func apply(_ event: OpenedEvent, isWhole: Bool) throws -> State? {
        guard let tag = event.stored.stream, let envelope = event.envelope else { return nil }
        let input = try FoldEvent(event)
        let state = state(of: tag)
        guard input.version == state.version + 1 || (!isWhole && input.version > state.version)
        else { throw event.unfoldable(FoldError(.gap, at: state.version + 1)) }
        if state.stream.isEmpty { state.stream = try event.open(envelope).stream }
        state.version = input.version
        state.position = event.stored.position
        guard input.operation != .revert else { return state }
        do throws(FoldError) {
            try StreamFold.apply(input, to: &state.content)
        } catch {
            throw event.unfoldable(error)
        }
        return nil
    }

    private func state(of tag: BlindTag) -> State {
        if let state = states[tag] { return state }
        let state = State()
        states[tag] = state
        return state
    }

    var streams: [BlindTag: FoldedStream] {
        states.mapValues { state in
            FoldedStream(
                stream: state.stream,
                version: state.version,
                position: state.position,
                content: state.content
            )
        }
    }
}
