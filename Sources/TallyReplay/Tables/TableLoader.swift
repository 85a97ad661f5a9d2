// Loads the rows of documents that were folded in memory: each is written once, however many events
// its stream has.

internal import TallyCore
internal import TallyPostgres
internal import TallyStore
internal import TallyVault

/// Fills the next version of a table.
struct TableLoader: RebuildLoader {
    let projection: any EventProjection
    let schema = "tally_tables"
    var tables: [String] { [table.name] }
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
    ) async throws(Problem) -> Int {
        let folded = try await fold.fold(
            tenant,
            before: size,
            skipping: skipped.union(try await table.basis(tenant).skipped),
            progress: progress
        )
        do {
            var count = 0
            try await folded.pages { page in
                let rows = try table.rows(page)
                let (statement, version) = (table.statements.insert, table.version)
                let name = table.name
                try await table.projectors.pinned(tenant) { connection in
                    try version.hold(connection, name, [name], in: "tally_tables")
                    try connection.execute("SET LOCAL statement_timeout = 0")
                    try connection.query(statement, tenant, rows)
                }
                count += rows.count
            }
            return count
        } catch {
            throw Problem(error)
        }
    }
}

extension TableProjection {
    /// The rows of some documents; one that is too large to be read has none.
    ///
    /// - Throws: `invalid` for a value that does not fit its column.
    func rows(_ page: FoldedLog.Page) throws -> [TableRow] {
        var rows: [TableRow] = []
        for (_, stream) in page where isOurs(stream.stream) {
            guard let content = stream.content else { continue }
            do throws(ColumnMismatch) {
                rows.append(try TableRow(stream, content, definition))
            } catch {
                throw Problem(
                    .invalid,
                    "event \(stream.position) cannot be applied: \(error.reason)",
                    hint: "declare the column with mismatch: null, or append what fits it"
                )
            }
        }
        return rows
    }
}
