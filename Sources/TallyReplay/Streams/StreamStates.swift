// Documents of many streams, each as of a version of its own: one question to the database for an
// event of each, then more and more of the older ones for those that need them.

package import TallyCore
package import TallyPostgres
internal import TallyStore
package import TallyVault

/// What a stream was at some version.
package struct StreamState: Sendable {
    /// The stream's name.
    package let name: String
    /// The position of its newest event.
    package let position: Int
    /// The version that a revert may name to get this document back.
    package let resolved: Int
    /// The document; `nil` when there was none, or when it was too large.
    package let content: DocumentContent?
    /// Whether the document was too large to be folded.
    package var isTooLarge = false
}

/// Folds many streams at a time.
package struct StreamStates: Sendable {
    /// How many events of a stream one question asks for at most.
    private static let mostEach = 64
    /// How many streams are folded together.
    private static let together = 200

    private let reader: Session
    private let opener: EventOpener
    private let streams: StreamReader
    private let snapshots: Snapshots
    private let names: StreamNames

    /// Reads through connections of role tally_reader.
    package init(pool: ConnectionPool, vault: Vault) {
        reader = Session(pool: pool)
        opener = EventOpener(vault: vault)
        streams = StreamReader(pool: pool, vault: vault)
        snapshots = Snapshots(pool: pool, vault: vault)
        names = StreamNames(pool: pool, vault: vault)
    }

    /// A stream and the version of it that is wanted.
    package typealias Wanted = (stream: BlindTag, version: Int)

    private struct Folding {
        let wanted: Wanted
        var name = ""
        var position = 0
        var chain: FoldChain
        var events = 0
        /// Whether it needs more memory or events than others leave: it is folded by itself.
        var isLate = false
        /// Whether an event is wanted.
        var isOpen: Bool { !isLate && chain.next > 0 }

        init(_ wanted: Wanted) {
            self.wanted = wanted
            chain = FoldChain(from: wanted.version)
        }

        /// Lets go of what it has taken.
        mutating func postpone() {
            isLate = true
            chain = FoldChain(from: wanted.version)
        }
    }

    /// Gives `body` the states of streams one after the other, so that no more than one needs to be
    /// held.
    ///
    /// - Parameters:
    ///   - tenant: whose streams.
    ///   - wanted: streams and versions.
    ///   - skipped: positions that count as notes.
    ///   - isAsKept: whether documents leave out just the same, so that snapshots can be used.
    ///   - body: is given the index of what was asked for, in order, with the state, `nil` for
    ///     version 0; says whether to go on.
    /// - Throws: what `body` throws, `erased` when an envelope is gone, `misconfigured` when an
    ///   event cannot be folded.
    package func each(
        _ tenant: TenantID,
        _ wanted: [Wanted],
        skipping skipped: Set<Int>,
        isAsKept: Bool = true,
        _ body: (Int, StreamState?) async throws(Problem) -> Bool
    ) async throws(Problem) {
        for start in stride(from: 0, to: wanted.count, by: Self.together) {
            var foldings = wanted[start..<min(start + Self.together, wanted.count)]
                .map { Folding($0) }
            try await gather(&foldings, tenant, skipped)
            for index in foldings.indices {
                let state = try await state(foldings[index], tenant, skipped, isAsKept)
                foldings[index].postpone()
                guard try await body(start + index, state) else { return }
            }
        }
    }

    private func gather(
        _ foldings: inout [Folding],
        _ tenant: TenantID,
        _ skipped: Set<Int>
    ) async throws(Problem) {
        var (each, held) = (1, 0)
        while case let open = foldings.indices.filter({ foldings[$0].isOpen }), !open.isEmpty {
            let questions = open.map { (foldings[$0].wanted.stream, foldings[$0].chain.next) }
            let page = try await reader.newest(tenant, questions, each: each)
            let events = try await opener.open(page.map(\.event), of: tenant)
            guard !events.isEmpty, events.count == page.count else { throw Self.vanished }
            for ((number, _), event) in zip(page, events) {
                guard open.indices.contains(number) else { throw Self.vanished }
                let index = open[number]
                guard foldings[index].isOpen else { continue }
                let before = foldings[index].chain.heldBytes
                try Self.take(event, &foldings[index], skipped)
                held += foldings[index].chain.heldBytes - before
                if held > ReplayLimits.heldBytes
                    || foldings[index].events > ReplayLimits.snapshotEvents
                {
                    held -= foldings[index].chain.heldBytes
                    foldings[index].postpone()
                }
            }
            each = min(4 * each, Self.mostEach)
        }
    }

    /// Takes an event that a folding wants next; others of its page are behind a jump.
    private static func take(
        _ event: OpenedEvent,
        _ folding: inout Folding,
        _ skipped: Set<Int>
    ) throws(Problem) {
        let next = folding.chain.next
        guard event.stored.version == next else {
            // The newest event up to the wanted version is another one: a gap.
            guard event.stored.version ?? 0 > next else {
                throw event.unfoldable(FoldError(.gap, at: next))
            }
            return
        }
        var input = FoldEvent(skipped: event)
        if !skipped.contains(event.stored.position) {
            input = try FoldEvent(event)
            folding.name = try event.open(event.envelope ?? .damaged("no envelope")).stream
        }
        if folding.events == 0 { folding.position = event.stored.position }
        folding.events += 1
        do throws(FoldError) {
            try folding.chain.take(input)
        } catch {
            throw event.unfoldable(error)
        }
    }

    private func state(
        _ folding: Folding,
        _ tenant: TenantID,
        _ skipped: Set<Int>,
        _ isAsKept: Bool
    ) async throws(Problem) -> StreamState? {
        guard folding.wanted.version > 0 else { return nil }
        guard !folding.isLate, folding.chain.released.isEmpty else {
            return try await lateState(folding.wanted, tenant, skipped, isAsKept)
        }
        let content: DocumentContent?
        var isTooLarge = false
        do throws(FoldError) {
            content = try folding.chain.fold(onto: nil)
        } catch {
            guard error.code == .tooLarge else { throw Problem(error, "a stream") }
            (content, isTooLarge) = (nil, true)
        }
        return StreamState(
            name: folding.name,
            position: folding.position,
            resolved: folding.chain.resolved,
            content: content,
            isTooLarge: isTooLarge
        )
    }

    private func lateState(
        _ wanted: Wanted,
        _ tenant: TenantID,
        _ skipped: Set<Int>,
        _ isAsKept: Bool
    ) async throws(Problem) -> StreamState {
        let (stream, version) = wanted
        let known =
            isAsKept && version > ReplayLimits.snapshotEvents
            ? try await snapshots.newest(tenant, stream, through: version) : nil
        do throws(Problem) {
            let found = try await streams.resolve(
                tenant,
                stream,
                through: version,
                before: .max,
                skipping: skipped,
                known: known
            )
            guard let found, found.folded.version == version else { throw Self.vanished }
            return StreamState(
                name: found.folded.stream,
                position: found.folded.position,
                resolved: found.resolved,
                content: found.folded.content
            )
        } catch {
            guard error.code == .tooLarge else { throw error }
            let newest = try await names.newest(tenant, [(stream, version)])[stream]
            let name = try await names.names(tenant, [(stream, version)])[stream]
            return StreamState(
                name: name ?? "tag \(stream.hex)",
                position: newest?.stored.position ?? 0,
                resolved: version,
                content: nil,
                isTooLarge: true
            )
        }
    }

    private static let vanished = Problem(
        .misconfigured,
        "an event of a stream is missing",
        hint: "run \(.verify): it names what was damaged"
    )
}
