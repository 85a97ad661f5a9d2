// Compares stored documents with what the log says: a projection is never taken at its word.

package import TallyCore
package import TallyCrypto
package import TallyPostgres
package import TallyStore
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

    /// Whether both are the same.
    package var isSound: Bool { live == replayed && differing.isEmpty }
}

/// Checks stored documents.
package struct ProjectionCheck: Sendable {
    private let reader: LogReader
    private let fold: LogFold
    private let documents: DocumentVault
    private let snapshots: Snapshots
    private let streams: StreamReader
    private let vault: Vault

    /// Reads through connections of role tally_reader.
    package init(pool: ConnectionPool, vault: Vault, jobs: Int = 2) {
        reader = LogReader(pool: pool)
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
    ) async throws(StoreError) -> ProjectionVerdict {
        let (position, skipped, rows) = try await reader.scoped(
            tenant,
            isSnapshot: true,
            locking: "tally.document"
        ) { connection in
            try connection.execute("SET LOCAL statement_timeout = 0")
            let name = BuiltInProjection.documents
            let skipped = try ProjectionStops.read(connection, tenant, name).skipped
            let progress = try ProjectionProgress.read(connection, tenant, name)
            let rows = try DocumentRow.read(
                connection.query(
                    "SELECT * FROM tally.list_documents($1, NULL, $2, $3)",
                    [.uuid(tenant.bytes), .uuid(BlindTag.zero.bytes), .integer(Int32.max)]
                )
            )
            return (progress.position, skipped, rows)
        }
        let folded = try await fold.fold(tenant, before: position, skipping: skipped) {
            progress($0, position)
        }
        let replayed = StateLeaves(try await digests(folded, tenant))
        let live = StateLeaves(
            Dictionary(rows.map { ($0.stream, $0.digest) }) { first, _ in first }
        )
        var differing = Set(live.differences(from: replayed))
        differing.formUnion(try await unlike(rows, folded, tenant))
        return ProjectionVerdict(
            position: position,
            live: live.root,
            replayed: replayed.root,
            documents: rows.count,
            differing: differing.map { folded[$0]?.stream ?? "tag \($0.hex)" }.sortedByBytes()
                + (try await wrongSnapshot(tenant, before: position, skipped))
        )
    }

    /// Folds the stream of any one snapshot from its first event on; one that opens must be what that gives.
    private func wrongSnapshot(
        _ tenant: TenantID,
        before position: Int,
        _ skipped: Set<Int>
    ) async throws(StoreError) -> [String] {
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

    private func digests(
        _ folded: [BlindTag: FoldedStream],
        _ tenant: TenantID
    ) async throws(StoreError) -> [BlindTag: Digest] {
        let index = try await vault.index(tenant)
        var digests: [BlindTag: Digest] = [:]
        for (tag, stream) in folded {
            digests[tag] = stream.content.map { index.digest(of: $0, tag) }
        }
        return digests
    }

    /// Streams whose stored document opens to something else than the log gives.
    private func unlike(
        _ rows: [DocumentRow],
        _ folded: [BlindTag: FoldedStream],
        _ tenant: TenantID
    ) async throws(StoreError) -> [BlindTag] {
        var unlike: [BlindTag] = []
        let names = rows.map { folded[$0.stream]?.stream ?? "" }
        let collections = try await documents.collectionTags(names, tenant)
        for (row, collection) in zip(rows, collections) where row.collection != collection {
            unlike.append(row.stream)
        }
        for start in stride(from: 0, to: rows.count, by: ReplayLimits.pageEvents) {
            let page = Array(rows[start..<min(start + ReplayLimits.pageEvents, rows.count)])
            let opened = try await documents.open(page, of: tenant)
            for row in page {
                let expected = folded[row.stream]
                let name = expected.map { ByteText($0.stream) }
                // One with an erased section cannot be opened as a whole; its digest was compared.
                let content = opened[row.stream]
                guard row.version == expected?.version, row.position == expected?.position,
                    content.map({ ByteText($0.stream) == name }) ?? true,
                    content.map({ $0.content == expected?.content }) ?? true
                else {
                    unlike.append(row.stream)
                    continue
                }
            }
        }
        return unlike
    }
}
