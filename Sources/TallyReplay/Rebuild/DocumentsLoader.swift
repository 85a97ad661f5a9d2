// Loads documents that were folded in memory: each stream is written once, however many events it has.

internal import TallyCore
internal import TallyCrypto
internal import TallyPostgres
internal import TallyStore
internal import TallyVault

/// Fills the next table of documents.
struct DocumentsLoader: RebuildLoader {
    let projection: any EventProjection
    private let projectors: LogReader
    private let fold: LogFold
    private let documents: DocumentVault
    private let version: ProjectionVersion

    init(
        _ readers: ConnectionPool,
        _ projectors: ConnectionPool,
        _ vault: Vault,
        _ jobs: Int,
        _ version: ProjectionVersion
    ) {
        projection = DocumentsProjection(
            version: version,
            readers: readers,
            projectors: projectors,
            vault: vault
        )
        self.projectors = LogReader(pool: projectors)
        fold = LogFold(pool: readers, vault: vault, jobs: jobs)
        documents = DocumentVault(vault: vault)
        self.version = version
    }

    func load(
        _ tenant: TenantID,
        _ size: Int,
        _ skipped: Set<Int>,
        _ progress: (Int) -> Void
    ) async throws(StoreError) -> Int {
        let folded = try await fold.fold(
            tenant,
            before: size,
            skipping: skipped,
            progress: progress
        )
        let present = folded.compactMap { tag, document in
            document.content.map { (stream: tag, document: document, content: $0) }
        }.sorted { $0.stream < $1.stream }
        do {
            try await store(pages: present, tenant)
        } catch {
            throw ReplayFailure.error(error)
        }
        return present.count
    }

    /// Seals and loads pages, one while the one before is on its way to the server.
    private func store(
        pages documents: [(stream: BlindTag, document: FoldedStream, content: DocumentContent)],
        _ tenant: TenantID
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for start in stride(from: 0, to: documents.count, by: ReplayLimits.pageEvents) {
                if start >= 2 * ReplayLimits.pageEvents { try await group.next() }
                let end = min(start + ReplayLimits.pageEvents, documents.count)
                let page = Array(documents[start..<end])
                group.addTask { try await store(page, tenant) }
            }
            try await group.waitForAll()
        }
    }

    private func store(
        _ page: [(stream: BlindTag, document: FoldedStream, content: DocumentContent)],
        _ tenant: TenantID
    ) async throws {
        let rows = try await documents.seal(page, of: tenant)
        let (version, name) = (version, projection.name)
        try await projectors.pinned(tenant) { connection in
            // Another rebuild may have put its own table in the place of this one's.
            _ = try version.oids(connection, name, ["document"])
            try connection.copyIn(
                version.table("document")
                    + " (tenant_id, stream, collection_tag, position, version, digest, body)"
            ) { writer in
                for row in rows {
                    writer.row(fields: 7)
                    tenant.withUnsafeBytes { writer.field($0) }
                    row.stream.withUnsafeBytes { writer.field($0) }
                    row.collection.withUnsafeBytes { writer.field($0) }
                    writer.field(Int64(row.position))
                    writer.field(Int32(clamping: row.version))
                    row.digest.withUnsafeBytes { writer.field($0) }
                    writer.field(row.body)
                }
            }
        }
    }
}
