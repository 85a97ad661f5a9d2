// Makes the plan of a restore and changes nothing: what changed since a moment, what it was then,
// and what would have to be written to have it back.

package import TallyCore
internal import TallyCrypto
package import TallyPostgres
package import TallyReplay
internal import TallyStore
package import TallyVault

/// Plans restores.
package struct RestorePlanner: Sendable {
    /// How many streams are folded together.
    private static let page = 200

    private let reader: Session
    private let log: OpenedLog
    private let states: StreamStates
    private let vault: Vault
    private let neverRewind: [String]

    /// Reads through connections of role tally_reader.
    ///
    /// - Parameters:
    ///   - pool: the connections.
    ///   - vault: the keys.
    ///   - neverRewind: collections whose streams no restore touches.
    package init(pool: ConnectionPool, vault: Vault, neverRewind: [String]) {
        reader = Session(pool: pool)
        log = OpenedLog(pool: pool, vault: vault, jobs: 2)
        states = StreamStates(pool: pool, vault: vault)
        self.vault = vault
        self.neverRewind = neverRewind
    }

    /// The plan that brings a scope back to what it was at a cut.
    ///
    /// - Parameters:
    ///   - tenant: whose documents.
    ///   - cut: the moment; at least the genesis event counts.
    ///   - scope: which later events are taken back.
    ///   - switches: what may be done with documents.
    ///   - progress: is told up to which position the log was read.
    /// - Returns: the plan.
    /// - Throws: `invalid` for a cut before the genesis event, `misconfigured` when an event cannot
    ///   be folded.
    /// - Complexity: O(events after the cut + events of the streams that changed), not the history.
    package func plan(
        _ tenant: TenantID,
        _ cut: Cut,
        _ scope: TakenBack,
        _ switches: RestoreSwitches,
        progress: (Int) -> Void = { _ in }
    ) async throws(Problem) -> RestorePlan {
        let basis = try await basis(tenant, cut)
        do {
            let changed = try await ChangedStream.read(
                log,
                tenant,
                basis.cut.size..<max(basis.cut.size, basis.head.size),
                scope,
                leavingOut: basis.skips,
                progress: progress
            )
            var draft = Draft(
                basis: basis,
                switches: switches,
                index: try await vault.index(tenant)
            )
            let rewound = changed.filter { stream in
                !neverRewind.contains { stream.name.isIn($0) }
            }
            draft.keptCount = changed.count - rewound.count
            for start in stride(from: 0, to: rewound.count, by: Self.page) {
                let page = rewound[start..<min(start + Self.page, rewound.count)]
                try await take(Array(page), tenant, &draft)
            }
            return draft.plan(tenant, scope)
        } catch {
            throw Problem(error)
        }
    }

    // MARK: - What the plan rests on

    struct Basis: Sendable {
        let cut: RestorePlan.Place
        let head: RestorePlan.Place
        /// Events that the documents leave out.
        let skips: [SkippedEvent]
        /// Subjects who were readmitted after the cut.
        let readmitted: Set<BlindTag>
    }

    private func basis(_ tenant: TenantID, _ cut: Cut) async throws(Problem) -> Basis {
        let place = try RestorePlan.Place(cut)
        let size = try await reader.size(tenant)
        let head = try await reader.events(tenant, size - 1..<size).first
            .map { RestorePlan.Place(size: size, newest: $0) }
        let leaf = cut.newest.flatMap { try? Leaf(decoding: $0.leaf) }
        let time = Int64(clamping: leaf?.recordedAt ?? 0)
        return try await reader.scoped(tenant) { connection in
            let rows = try connection.query(
                """
                SELECT DISTINCT subject_tag FROM tally.key_fence
                WHERE slot = $1 AND readmitted_at > $2
                """,
                [.integer(try connection.slot(of: tenant)), .bigint(time)]
            )
            return Basis(
                cut: place,
                head: head ?? place,
                skips: try ProjectionStops.read(connection, tenant, BuiltInProjection.documents)
                    .skips.filter { $0.position < size },
                readmitted: Set(
                    try (0..<rows.count).map { BlindTag(try rows.bytes($0, 0)) ?? .zero }
                )
            )
        }
    }

    // MARK: - Steps

    /// Adds what becomes of a page of streams.
    private func take(
        _ page: [ChangedStream],
        _ tenant: TenantID,
        _ draft: inout Draft
    ) async throws(Problem) {
        let wanted = page.flatMap { stream -> [StreamStates.Wanted] in
            [(stream.tag, stream.first - 1), (stream.tag, stream.last)]
        }
        var then: StreamState?
        var grown = draft
        try await states.each(
            tenant,
            wanted,
            skipping: draft.skipped
        ) { index, state throws(Problem) in
            if index.isMultiple(of: 2) {
                then = state
            } else {
                grown.add(page[index / 2], then: then, now: state)
            }
            return true
        }
        draft = grown
    }

    /// A plan that grows stream by stream.
    private struct Draft {
        let basis: Basis
        let switches: RestoreSwitches
        let index: IndexKey
        var skipped: Set<Int> { Set(basis.skips.map(\.position)) }
        var steps: [RestorePlan.Step] = []
        var conflicts: [BlindTag] = []
        var keptCount = 0
        var leftCount = 0
        var erasedParts = 0
        var leaves: [BlindTag: Digest] = [:]

        mutating func add(_ stream: ChangedStream, then: StreamState?, now: StreamState?) {
            let (old, new) = (then?.content, now?.content)
            let digest = old.map { index.digest(of: $0, stream.tag) }
            let isSame = digest == new.map { index.digest(of: $0, stream.tag) }
            guard !isSame || then?.isTooLarge != now?.isTooLarge else { return }
            // What was too large to be read has no root that could be promised.
            let wasTooLarge = then?.isTooLarge ?? false
            if stream.isMixed || wasTooLarge || isReadmitted(new) {
                return conflicts.append(stream.tag)
            }
            guard isWanted(old, isThere: new != nil || now?.isTooLarge ?? false) else {
                return leftCount += 1
            }
            steps.append(
                RestorePlan.Step(
                    stream: stream.tag,
                    version: stream.last,
                    target: old == nil ? 0 : then?.resolved ?? 0
                )
            )
            erasedParts += old?.erasedParts ?? 0
            leaves[stream.tag] = digest
        }

        private func isWanted(_ old: DocumentContent?, isThere: Bool) -> Bool {
            switch (old, isThere) {
            case (nil, _): switches.deletesNew
            case (_, false): switches.createsMissing
            default: switches.updatesExisting
            }
        }

        /// Whether a document has a section of somebody who came back after the cut: it is theirs
        /// again.
        private func isReadmitted(_ content: DocumentContent?) -> Bool {
            guard let content, !basis.readmitted.isEmpty else { return false }
            return content.personal.keys.contains {
                basis.readmitted.contains(index.tag(.subject, $0.subject))
            }
        }

        func plan(_ tenant: TenantID, _ scope: TakenBack) -> RestorePlan {
            RestorePlan(
                tenant: tenant,
                cut: basis.cut,
                head: basis.head,
                scope: scope.tagged(index),
                switches: switches,
                steps: steps,
                conflicts: conflicts,
                keptCount: keptCount,
                leftCount: leftCount,
                erasedParts: erasedParts,
                root: StateLeaves(leaves).root
            )
        }
    }
}
