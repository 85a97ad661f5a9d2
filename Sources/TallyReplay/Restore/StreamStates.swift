// Documents of many streams, each as of a version of its own: one question to the database for an event
// of each, then the next older events of those that need them.

package import TallyCore
internal import TallyPostgres
internal import TallyStore
internal import TallyVault

/// What a stream was at some version.
package struct StreamState: Sendable {
    /// The stream's name.
    package let name: String
    /// The version that a revert may name to get this document back.
    package let resolved: Int
    /// The document; `nil` when there was none.
    package let content: DocumentContent?
}

/// Folds many streams at a time.
struct StreamStates: Sendable {
    /// After so many events of a stream the rest of it is read in pages.
    private static let waves = 8

    private let reader: LogReader
    private let opener: EventOpener
    private let streams: StreamReader

    /// Reads through connections of role tally_reader.
    init(pool: ConnectionPool, vault: Vault) {
        reader = LogReader(pool: pool)
        opener = EventOpener(vault: vault)
        streams = StreamReader(pool: pool, vault: vault)
    }

    private struct Folding {
        let stream: BlindTag
        var name = ""
        var chain: FoldChain
    }

    /// The states of streams, in the order asked; `nil` for version 0.
    ///
    /// - Parameters:
    ///   - tenant: whose streams.
    ///   - wanted: streams and versions.
    ///   - skipped: positions that count as notes.
    /// - Throws: `erased` when an envelope is gone, `misconfigured` when an event cannot be folded.
    func states(
        _ tenant: TenantID,
        _ wanted: [(stream: BlindTag, version: Int)],
        skipping skipped: Set<Int>
    ) async throws(StoreError) -> [StreamState?] {
        var foldings = wanted.map { Folding(stream: $0.stream, chain: FoldChain(from: $0.version)) }
        for _ in 0..<Self.waves {
            let open = foldings.indices.filter { foldings[$0].chain.next > 0 }
            guard !open.isEmpty else { break }
            let events = try await events(tenant, open.map { foldings[$0] })
            for (index, event) in zip(open, events) { try take(event, &foldings[index], skipped) }
        }
        var states: [StreamState?] = []
        for (folding, (stream, version)) in zip(foldings, wanted) {
            states.append(try await state(folding, tenant, stream, version, skipped))
        }
        return states
    }

    /// The event that each folding wants next.
    private func events(
        _ tenant: TenantID,
        _ foldings: [Folding]
    ) async throws(StoreError) -> [OpenedEvent] {
        let wanted = foldings.map { (stream: $0.stream, through: $0.chain.next) }
        var events: [OpenedEvent] = []
        while events.count < wanted.count {
            let page = try await reader.newest(tenant, wanted[events.count...])
            guard !page.isEmpty else { throw Self.vanished }
            events += try await opener.open(page, of: tenant)
        }
        return events
    }

    private func take(
        _ event: OpenedEvent,
        _ folding: inout Folding,
        _ skipped: Set<Int>
    ) throws(StoreError) {
        let envelope = try event.open(event.envelope ?? .damaged("no envelope"))
        folding.name = envelope.stream
        let input =
            skipped.contains(event.stored.position)
            ? FoldEvent(skipped: event) : try FoldEvent(event)
        do throws(FoldError) {
            try folding.chain.take(input)
        } catch {
            throw event.unfoldable(error)
        }
    }

    private func state(
        _ folding: Folding,
        _ tenant: TenantID,
        _ stream: BlindTag,
        _ version: Int,
        _ skipped: Set<Int>
    ) async throws(StoreError) -> StreamState? {
        guard version > 0 else { return nil }
        let resolved = folding.chain.resolved
        guard folding.chain.next == 0 else {
            let folded = try await streams.fold(
                tenant,
                stream,
                through: version,
                before: Int.max,
                skipping: skipped
            )
            return StreamState(name: folding.name, resolved: resolved, content: folded?.content)
        }
        do throws(FoldError) {
            let content = try folding.chain.fold(onto: nil)
            return StreamState(name: folding.name, resolved: resolved, content: content)
        } catch {
            throw StoreError(
                .misconfigured,
                "a stream cannot be folded: \(error)",
                hint: "run tally verify --open: it names every event that is not as it was written"
            )
        }
    }

    private static let vanished = StoreError(
        .misconfigured,
        "an event of a stream is missing",
        hint: "run tally verify: it names what was damaged"
    )
}
