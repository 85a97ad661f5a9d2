// Compares a table with what the log says: neither more rows nor fewer, and each value as it must be.

package import TallyCore
package import TallyPostgres
package import TallyStore
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
    ) async throws(StoreError) -> TableVerdict {
        let (position, skipped) = try await table.basis(tenant)
        let folded = try await fold.fold(
            tenant,
            before: position,
            skipping: skipped,
            progress: progress
        )
        do {
            return try await compare(table.rows(folded), tenant, position)
        } catch {
            throw ReplayFailure.error(error)
        }
    }

    private func compare(
        _ expected: [TableRow],
        _ tenant: TenantID,
        _ position: Int
    ) async throws(StoreError) -> TableVerdict {
        let (statements, name, version) = (table.statements, table.name, table.version.number)
        return try await table.projectors.scoped(
            tenant,
            isSnapshot: true,
            locking: table.version.table(name, in: "tally_tables")
        ) { connection in
            let now = try ProjectionProgress.read(connection, tenant, name, version: version)
            guard now.position == position else { throw Self.moved }
            try connection.execute("SET LOCAL statement_timeout = 0")
            var differing: Set<ByteText> = []
            try connection.query(statements.differing, tenant, expected) { rows in
                for row in 0..<rows.count { differing.insert(ByteText(try rows.text(row, 0))) }
            }
            let stored = try connection.query(statements.streams, [.uuid(tenant.bytes)])
            var unknown = Set(try (0..<stored.count).map { ByteText(try stored.text($0, 0)) })
            unknown.subtract(expected.map { ByteText($0.stream) })
            return TableVerdict(
                position: position,
                documents: expected.count,
                rows: stored.count,
                differing: differing.union(unknown).sorted().map(\.string)
            )
        }
    }

    private static let moved = StoreError(
        .unavailable,
        "the table went on while it was checked",
        hint: "check it again"
    )
}
