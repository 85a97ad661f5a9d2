// Loads the rows of documents that were folded in memory: each is written once, however many events its
// stream has.

internal import TallyCore
internal import TallyPostgres
internal import TallyStore
internal import TallyVault

/// Fills the next version of a table.
struct TableLoader: RebuildLoader {
    let projection: any EventProjection
    private let table: TableProjection
    private let fold: LogFold

    init(_ table: TableProjection, _ readers: ConnectionPool, _ vault: Vault, _ jobs: Int) {
        projection = table
        self.table = table
        fold = LogFold(pool: readers, vault: vault, jobs: jobs)
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
            skipping: skipped.union(try await table.basis(tenant).skipped),
            progress: progress
        )
        do {
            let rows = try table.rows(folded)
            let (statement, version, name) = (table.statements.insert, table.version, table.name)
            try await table.projectors.pinned(tenant) { connection in
                try version.hold(connection, name, [name], in: "tally_tables")
                try connection.execute("SET LOCAL statement_timeout = 0")
                try connection.query(statement, tenant, rows)
            }
            return rows.count
        } catch {
            throw ReplayFailure.error(error)
        }
    }
}

extension TableProjection {
    /// The rows of a tenant's documents, in the order of their streams' bytes.
    func rows(_ folded: [BlindTag: FoldedStream]) throws -> [TableRow] {
        var rows: [TableRow] = []
        for stream in folded.values where isOurs(stream.stream) {
            guard let content = stream.content else { continue }
            do throws(ColumnMismatch) {
                rows.append(try TableRow(stream, content, definition))
            } catch {
                throw PoisonEvent(at: stream.position, error.reason)
            }
        }
        return rows.sorted { ByteText($0.stream) < ByteText($1.stream) }
    }
}
