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
    /// - Throws: `misconfigured` when an event is missing or cannot be folded.
    /// - Complexity: O(events); memory for all documents.
    package func fold(
        _ tenant: TenantID,
        before position: Int,
        skipping skipped: Set<Int> = [],
        progress: (Int) -> Void = { _ in }
    ) async throws(StoreError) -> [BlindTag: FoldedStream] {
        var states: [BlindTag: State] = [:]
        do {
            try await log.read(tenant, 0..<position) { events in
                for event in events where !skipped.contains(event.stored.position) {
                    try await apply(event, to: &states, tenant)
                }
                progress((events.last?.stored.position ?? 0) + 1)
            }
        } catch let error as StoreError {
            throw error
        } catch is CancellationError {
            throw StoreError(.unavailable, "cancelled", hint: "start it again")
        } catch {
            throw StoreError(PostgresError(.unexpectedResult, message: "a log was not folded"))
        }
        return states.mapValues { state in
            FoldedStream(
                stream: state.stream,
                version: state.version,
                position: state.position,
                content: state.content
            )
        }
    }

    private struct State {
        var stream = ""
        var version = 0
        var position = 0
        var content: DocumentContent?
    }

    private func apply(
        _ event: OpenedEvent,
        to states: inout [BlindTag: State],
        _ tenant: TenantID
    ) async throws {
        guard let tag = event.stored.stream, let envelope = event.envelope else { return }
        let input = try FoldEvent(event)
        // Taken out while it changes, so that no document is copied.
        var state = states.removeValue(forKey: tag) ?? State()
        do {
            if input.operation == .revert {
                let position = event.stored.position
                state.content = try await streams.fold(tenant, tag, before: position + 1)?.content
            } else {
                try StreamFold.apply(input, to: &state.content)
            }
        } catch let error as FoldError {
            throw event.unfoldable(error)
        }
        if state.stream.isEmpty { state.stream = try event.open(envelope).stream }
        state.version = input.version
        state.position = event.stored.position
        states[tag] = state
    }
}
