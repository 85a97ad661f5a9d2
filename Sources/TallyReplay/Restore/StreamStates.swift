// Documents of many streams, each as of a version of its own: one question to the database for an event
// of each, then more and more of the older ones for those that need them.

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
    /// How many events of a stream one question asks for at most.
    private static let mostEach = 64

    private let reader: LogReader
    private let opener: EventOpener

    /// Reads through connections of role tally_reader.
    init(pool: ConnectionPool, vault: Vault) {
        reader = LogReader(pool: pool)
        opener = EventOpener(vault: vault)
    }

    private struct Folding {
        let stream: BlindTag
        var name = ""
        var chain: FoldChain
    }

    /// The states of streams.
    ///
    /// - Parameters:
    ///   - tenant: whose streams.
    ///   - wanted: streams and versions.
    ///   - skipped: positions that count as notes.
    /// - Returns: the states in the order asked; `nil` for version 0.
    /// - Throws: `erased` when an envelope is gone, `misconfigured` when an event cannot be folded.
    func states(
        _ tenant: TenantID,
        _ wanted: [(stream: BlindTag, version: Int)],
        skipping skipped: Set<Int>
    ) async throws(StoreError) -> [StreamState?] {
        var foldings = wanted.map { Folding(stream: $0.stream, chain: FoldChain(from: $0.version)) }
        var each = 1
        while case let open = foldings.indices.filter({ foldings[$0].chain.next > 0 }),
            !open.isEmpty
        {
            let questions = open.map { (foldings[$0].stream, foldings[$0].chain.next) }
            let page = try await reader.newest(tenant, questions, each: each)
            let events = try await opener.open(page.map(\.event), of: tenant)
            guard !events.isEmpty, events.count == page.count else { throw Self.vanished }
            for ((index, _), event) in zip(page, events) {
                try take(event, &foldings[open[index]], skipped)
            }
            each = min(4 * each, Self.mostEach)
        }
        return try zip(foldings, wanted).map { folding, wanted throws(StoreError) in
            wanted.version == 0 ? nil : try Self.state(folding)
        }
    }

    /// Takes an event that a folding wants next; others of its page are behind a jump.
    private func take(
        _ event: OpenedEvent,
        _ folding: inout Folding,
        _ skipped: Set<Int>
    ) throws(StoreError) {
        let next = folding.chain.next
        guard next > 0, event.stored.version == next else {
            // The newest event up to the wanted version is another one: a gap.
            guard next == 0 || event.stored.version ?? 0 > next else {
                throw event.unfoldable(FoldError(.gap, at: next))
            }
            return
        }
        var input = FoldEvent(skipped: event)
        if !skipped.contains(event.stored.position) {
            input = try FoldEvent(event)
            folding.name = try event.open(event.envelope ?? .damaged("no envelope")).stream
        }
        do throws(FoldError) {
            try folding.chain.take(input)
        } catch {
            throw event.unfoldable(error)
        }
    }

    private static func state(_ folding: Folding) throws(StoreError) -> StreamState {
        do throws(FoldError) {
            return StreamState(
                name: folding.name,
                resolved: folding.chain.resolved,
                content: try folding.chain.fold(onto: nil)
            )
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
