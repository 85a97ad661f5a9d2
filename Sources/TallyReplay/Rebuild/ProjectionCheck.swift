// Compares stored documents with what the log says: a projection is never taken at its word.

package import TallyCore
package import TallyCrypto
package import TallyPostgres
internal import TallyStore
package import TallyVault

/// What a check of a tenant's documents found.
package struct ProjectionVerdict: Sendable {
    /// The events that both sides cover.
    package let position: Int
    /// The state root of the stored documents.
    package let live: Digest
    /// The state root of the documents that a replay from zero gave.
    package let replayed: Digest
    /// Rows that are stored.
    package let documents: Int
    /// What differs: names of streams, or a tag where the name is not known.
    package let differing: [String]
    /// Streams whose documents are too large to be read: they are in neither root.
    package var tooLarge: [String] = []

    /// Whether both are the same.
    package var isSound: Bool { live == replayed && differing.isEmpty }
}

/// Checks stored documents.
package struct ProjectionCheck: Sendable {
    private let reader: Session
    private let fold: LogFold
    private let documents: DocumentVault
    private let snapshots: Snapshots
    private let streams: StreamReader
    private let vault: Vault

    /// Reads through connections of role tally_reader.
    package init(pool: ConnectionPool, vault: Vault, jobs: Int = 2) {
        reader = Session(pool: pool)
        fold = LogFold(pool: pool, vault: vault, jobs: jobs)
        documents = DocumentVault(vault: vault)
        snapshots = Snapshots(pool: pool, vault: vault)
        streams = StreamReader(pool: pool, vault: vault)
        self.vault = vault
    }

    /// Replays a tenant's log up to the cursor of the documents and compares the roots.
    ///
    /// Each stored document is opened too, so that one whose digest is right and whose content is
    /// not is found.
    /// - Parameters:
    ///   - tenant: whose documents.
    ///   - progress: is told how many events are done, of how many.
    /// - Returns: both roots, and what differs.
    /// - Throws: `misconfigured` when the log cannot be folded.
    package func run(
        _ tenant: TenantID,
        progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) async throws(Problem) -> ProjectionVerdict {
        let basis = try await basis(tenant)
        let folded = try await fold.fold(
            tenant,
            before: basis.position,
            skipping: basis.skipped
        ) { progress($0, basis.position) }
        var comparison = Comparison(stored: basis.stored, index: try await vault.index(tenant))
        do {
            try await folded.pages { page in
                comparison.take(page, try await opened(page.map(\.stream), tenant))
            }
        } catch {
            throw Problem(error)
        }
        let replayed = StateLeaves(comparison.replayed)
        let live = StateLeaves(basis.stored.compactMapValues(\.digest))
        let differing = comparison.differing.union(live.differences(from: replayed))
            .union(Set(basis.stored.keys).subtracting(comparison.seen))
        return ProjectionVerdict(
            position: basis.position,
            live: live.root,
            replayed: replayed.root,
            documents: basis.stored.count,
            differing: differing.map { folded.name(of: $0) ?? "tag \($0.hex)" }.sortedByBytes()
                + (try await wrongSnapshot(tenant, before: basis.position, basis.skipped)),
            tooLarge: comparison.tooLarge
        )
    }

    /// What is stored as of one moment, without bodies.
    private struct Basis: Sendable {
        let position: Int
        let skipped: Set<Int>
        let stored: [BlindTag: DocumentRow]
    }

    private func basis(_ tenant: TenantID) async throws(Problem) -> Basis {
        try await reader.scoped(
            tenant,
            isSnapshot: true,
            locking: "tally.document"
        ) { connection in
            try connection.execute("SET LOCAL statement_timeout = 0")
            let name = BuiltInProjection.documents
            let rows = try DocumentRow.places(connection, of: tenant)
            return Basis(
                position: try ProjectionProgress.read(connection, tenant, name).position,
                skipped: try ProjectionStops.read(connection, tenant, name).skipped,
                stored: Dictionary(rows.map { ($0.stream, $0) }) { first, _ in first }
            )
        }
    }

    /// Stored documents of a page of streams, opened where they can be.
    private func opened(
        _ streams: [BlindTag],
        _ tenant: TenantID
    ) async throws(Problem) -> [BlindTag: (row: DocumentRow, content: DocumentVault.Content)] {
        let rows = try await reader.scoped(tenant) {
            try DocumentRow.read($0, "tally.document", tenant, streams)
        }
        let opened = try await documents.open(rows, of: tenant)
        return Dictionary(
            rows.compactMap { row in opened[row.stream].map { (row.stream, (row, $0)) } }
        ) { first, _ in first }
    }

    /// What is stored beside what a replay gives, page by page.
    private struct Comparison {
        let stored: [BlindTag: DocumentRow]
        let index: IndexKey
        private(set) var replayed: [BlindTag: Digest] = [:]
        private(set) var differing: Set<BlindTag> = []
        private(set) var seen: Set<BlindTag> = []
        private(set) var tooLarge: [String] = []

        init(stored: [BlindTag: DocumentRow], index: IndexKey) {
            (self.stored, self.index) = (stored, index)
        }

        mutating func take(
            _ page: FoldedLog.Page,
            _ opened: [BlindTag: (row: DocumentRow, content: DocumentVault.Content)]
        ) {
            for (tag, document) in page {
                seen.insert(tag)
                if document.isTooLarge { tooLarge.append(document.stream) }
                replayed[tag] = document.content.map { index.digest(of: $0, tag) }
                let row = stored[tag]
                let collection = index.tag(.collection, document.stream.collection)
                let isInPlace =
                    row?.version == document.version && row?.position == document.position
                    && row?.collection == collection && (row?.size == nil) == document.isTooLarge
                if !isInPlace { differing.insert(tag) }
                // One with an erased section cannot be opened as a whole; its digest was compared.
                // One that was written meanwhile is for the next check.
                guard let (now, found) = opened[tag], now.position == row?.position else {
                    continue
                }
                let isRight =
                    found.content == document.content
                    && ByteText(found.stream) == ByteText(document.stream)
                    && now.version == document.version && now.size == document.content?.byteCount
                if !isRight { differing.insert(tag) }
            }
        }
    }

    /// Folds the stream of any one snapshot from its first event on; one that opens must be what
    /// that gives.
    private func wrongSnapshot(
        _ tenant: TenantID,
        before position: Int,
        _ skipped: Set<Int>
    ) async throws(Problem) -> [String] {
        guard let snapshot = try await snapshots.random(tenant, before: position),
            let content = snapshot.content?.content
        else { return [] }
        let folded = try await streams.fold(
            tenant,
            snapshot.tag,
            before: snapshot.position + 1,
            skipping: skipped
        )
        guard content == folded?.content else {
            let stream = folded?.stream ?? "tag \(snapshot.tag.hex)"
            return ["snapshot \(snapshot.version) of \(stream)"]
        }
        return []
    }
}
