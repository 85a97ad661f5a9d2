// Loads documents that were folded in memory: each stream is written once, however many events it
// has.

internal import TallyCore
internal import TallyCrypto
internal import TallyPostgres
internal import TallyStore
internal import TallyVault

/// Fills the next table of documents.
struct DocumentsLoader: RebuildLoader {
    let projection: any EventProjection
    let tables = ["document"]
    let schema = "tally"
    private let projectors: Session
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
        self.projectors = Session(pool: projectors)
        fold = LogFold(pool: readers, vault: vault, jobs: jobs)
        documents = DocumentVault(vault: vault)
        self.version = version
    }

    func load(
        _ tenant: TenantID,
        _ size: Int,
        _ skipped: Set<Int>,
        _ progress: (Int) -> Void
    ) async throws(Problem) -> Int {
        let folded = try await fold.fold(
            tenant,
            before: size,
            skipping: skipped,
            progress: progress
        )
        do {
            return try await store(folded, tenant)
        } catch {
            throw Problem(error)
        }
    }

    /// Seals and loads pages, one while the one before is on its way to the server.
    private func store(_ folded: FoldedLog, _ tenant: TenantID) async throws -> Int {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var (pages, rows) = (0, 0)
            try await folded.pages { page in
                if pages >= 2 { try await group.next() }
                group.addTask { try await store(page, tenant) }
                pages += 1
                rows += page.count
            }
            try await group.waitForAll()
            return rows
        }
    }

    private func store(_ page: FoldedLog.Page, _ tenant: TenantID) async throws {
        let rows = try await documents.seal(page, of: tenant)
        let (version, name) = (version, projection.name)
        try await projectors.pinned(tenant) { connection in
            // Another rebuild may have put its own table in the place of this one's.
            _ = try version.oids(connection, name, ["document"])
            let slot = try connection.slot(of: tenant)
            try connection.copyIn(
                version.table("document")
                    + " (slot, stream, collection_tag, position, version, size, fold, digest, body)"
            ) { writer in
                for row in rows {
                    writer.row(fields: 9)
                    writer.field(slot)
                    row.stream.withUnsafeBytes { writer.field($0) }
                    row.collection.withUnsafeBytes { writer.field($0) }
                    writer.field(Int64(row.position))
                    writer.field(Int32(clamping: row.version))
                    if let size = row.size { writer.field(Int64(size)) } else { writer.null() }
                    writer.field(Int16(StreamFold.version))
                    writer.field(row.digest?.bytes)
                    writer.field(row.body)
                }
            }
        }
    }
}
