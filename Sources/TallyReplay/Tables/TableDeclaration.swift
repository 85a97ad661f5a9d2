// Makes what is declared be so: a table that is new or has changed is built from the log beside the
// one in use, and put in its place.

package import TallyCore
package import TallyPostgres
package import TallyVault

/// What a declaration changed.
public enum TableChangeKind: String, Sendable {
    /// There was no such table.
    case new
    /// The table had another definition.
    case changed
    /// The table was like that already.
    case unchanged
}

/// Declares table projections.
package struct TableDeclaration: Sendable {
    private let registry: TableRegistry
    private let rebuild: ProjectionRebuild

    /// Reads as tally_reader and writes as tally_projector, `jobs` pages at a time.
    package init(readers: ConnectionPool, projectors: ConnectionPool, vault: Vault, jobs: Int = 2) {
        registry = TableRegistry(projectors: projectors)
        rebuild = ProjectionRebuild(
            readers: readers,
            projectors: projectors,
            vault: vault,
            jobs: jobs
        )
    }

    /// What declaring a table would change.
    package func difference(
        _ definition: TableDefinition
    ) async throws(Problem) -> TableChangeKind {
        guard let live = try await registry.find(definition.name), live.isBuilt else { return .new }
        return live.definition.json == definition.json ? .unchanged : .changed
    }

    /// Declares a table and builds its rows.
    ///
    /// Readers see an older version until the new one has come as far.
    /// - Parameters:
    ///   - definition: the table.
    ///   - tenants: all tenants.
    ///   - progress: is told how many events are done.
    /// - Returns: what was built; `nil` for a table that was like that already.
    /// - Throws: `invalid` when another projection has the name, or when a value does not fit its
    ///   column; a version that was in use stays so.
    package func declare(
        _ definition: TableDefinition,
        _ tenants: [TenantID],
        progress: (Int) -> Void = { _ in }
    ) async throws(Problem) -> RebuildReport? {
        guard try await difference(definition) != .unchanged else { return nil }
        if try await registry.find(definition.name) == nil {
            _ = try await registry.declare(definition)
        }
        return try await rebuild.run(definition.name, tenants, as: definition, progress: progress)
    }
}
