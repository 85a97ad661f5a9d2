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
    private let table: String

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
        table = version.table("document")
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
        for start in stride(from: 0, to: present.count, by: ReplayLimits.pageEvents) {
            let end = min(start + ReplayLimits.pageEvents, present.count)
            do {
                try await store(Array(present[start..<end]), tenant)
            } catch {
                throw RebuildFailure.error(error)
            }
        }
        return present.count
    }

    private func store(
        _ page: [(stream: BlindTag, document: FoldedStream, content: DocumentContent)],
        _ tenant: TenantID
    ) async throws {
        let rows = try await documents.seal(page, of: tenant)
        let collections = try await documents.collectionTags(page.map(\.document.stream), tenant)
        let table = table
        try await projectors.run { connection in
            try connection.copyIn(
                "\(table) (tenant_id, stream, collection_tag, position, version, digest, body)"
            ) { writer in
                for (row, collection) in zip(rows, collections) {
                    writer.row(fields: 7)
                    tenant.withUnsafeBytes { writer.field($0) }
                    row.stream.withUnsafeBytes { writer.field($0) }
                    collection.withUnsafeBytes { writer.field($0) }
                    writer.field(Int64(row.position))
                    writer.field(Int32(row.version))
                    row.digest.withUnsafeBytes { writer.field($0) }
                    writer.field(row.body)
                }
            }
        }
    }
}
