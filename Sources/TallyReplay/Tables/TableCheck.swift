// Compares a table with what the log says: neither more rows nor fewer, and each value as it must
// be.

package import TallyCore
package import TallyPostgres
internal import TallyStore
package import TallyVault

/// What a check of a tenant's rows found.
package struct TableVerdict: Sendable {
    /// The events that both sides cover.
    package let position: Int
    /// The documents that a replay from zero gave.
    package let documents: Int
    /// The rows that are stored.
    package let rows: Int
    /// Streams whose row is missing, too much or another one, in order.
    package let differing: [String]
}

/// Checks tables.
package struct TableCheck: Sendable {
    private let fold: LogFold
    private let table: TableProjection

    /// Folds with connections of role tally_reader, and reads rows as tally_projector.
    package init(
        _ definition: TableDefinition,
        version: Int,
        readers: ConnectionPool,
        projectors: ConnectionPool,
        vault: Vault,
        jobs: Int = 2
    ) {
        fold = LogFold(pool: readers, vault: vault, jobs: jobs)
        table = TableProjection(
            definition,
            version: .live(version),
            readers: readers,
            projectors: projectors,
            vault: vault
        )
    }

    /// Replays a tenant's log up to the cursor of the table and compares.
    ///
    /// - Throws: `unavailable` when a projector has moved the table on meanwhile; check again.
    /// - Complexity: O(events); memory for all documents.
    package func run(
        _ tenant: TenantID,
        progress: (Int) -> Void = { _ in }
    ) async throws(Problem) -> TableVerdict {
        let (position, skipped) = try await table.basis(tenant)
        let folded = try await fold.fold(
            tenant,
            before: position,
            skipping: skipped,
            progress: progress
        )
        do {
            var (differing, expected): (Set<ByteText>, Set<ByteText>) = ([], [])
            try await folded.pages { page in
                let rows = try table.rows(page)
                differing.formUnion(try await self.differing(rows, tenant, position))
                expected.formUnion(rows.map { ByteText($0.stream) })
            }
            let stored = try await streams(tenant, position)
            return TableVerdict(
                position: position,
                documents: expected.count,
                rows: stored.count,
                differing: differing.union(stored.subtracting(expected)).sorted().map(\.string)
            )
        } catch {
            throw Problem(error)
        }
    }

    /// The streams of which the row is missing, or another one than expected.
    private func differing(
        _ expected: [TableRow],
        _ tenant: TenantID,
        _ position: Int
    ) async throws(Problem) -> Set<ByteText> {
        let statement = table.statements.differing
        return try await read(tenant, position) { connection in
            var differing: Set<ByteText> = []
            try connection.query(statement, tenant, expected) { rows in
                for row in 0..<rows.count { differing.insert(ByteText(try rows.text(row, 0))) }
            }
            return differing
        }
    }

    /// The streams that have a row.
    private func streams(
        _ tenant: TenantID,
        _ position: Int
    ) async throws(Problem) -> Set<ByteText> {
        let statement = table.statements.streams
        return try await read(tenant, position) { connection in
            let rows = try connection.query(statement, [.uuid(tenant.bytes)])
            return Set(try (0..<rows.count).map { ByteText(try rows.text($0, 0)) })
        }
    }

    /// Reads the table, which must not have gone on since the check began.
    private func read<Value: Sendable>(
        _ tenant: TenantID,
        _ position: Int,
        _ body: @escaping @Sendable (Connection) throws -> Value
    ) async throws(Problem) -> Value {
        let (name, version) = (table.name, table.version.number)
        return try await table.projectors.scoped(
            tenant,
            isSnapshot: true,
            locking: table.version.table(name, in: "tally_tables")
        ) { connection in
            let now = try ProjectionProgress.read(connection, tenant, name, version: version)
            guard now.position == position else { throw Self.moved }
            try connection.execute("SET LOCAL statement_timeout = 0")
            return try body(connection)
        }
    }

    private static let moved = Problem(
        .unavailable,
        "the table went on while it was checked",
        hint: "check it again"
    )
}
