// The table projections that a ledger has, as its database knows them.

package import TallyCore
package import TallyPostgres
internal import TallyStore

/// A table projection that a ledger has.
package struct LiveTable: Sendable {
    package let definition: TableDefinition
    /// The version that readers see.
    package let version: Int
    /// Whether it was built; one whose declaration was interrupted fills as events are applied.
    package let isBuilt: Bool
}

/// Reads and declares table projections.
package struct TableRegistry: Sendable {
    private let projectors: Session

    /// Works with connections of role tally_projector.
    package init(projectors: ConnectionPool) {
        self.projectors = Session(pool: projectors)
    }

    /// The live versions, in the order of their names.
    ///
    /// Tables that a crash has emptied begin again at the first event.
    package func live() async throws(Problem) -> [LiveTable] {
        try await projectors.run { connection in
            _ = try connection.query("SELECT tally.revive_tables()")
            let rows = try connection.query(
                """
                SELECT p.name, p.version, d.definition, d.is_built FROM tally.projection p
                JOIN tally.table_definition d ON d.projection = p.name AND d.version = p.version
                WHERE p.removed_at IS NULL ORDER BY p.name
                """
            )
            return try (0..<rows.count).map { row in
                LiveTable(
                    definition: try TableDefinition(rows.text(row, 0), json: rows.text(row, 2)),
                    version: try rows.natural(row, 1),
                    isBuilt: try rows.bool(row, 3)
                )
            }
        }
    }

    /// The live version of a table; `nil` when there is none of that name.
    package func find(_ name: String) async throws(Problem) -> LiveTable? {
        try await live().first { $0.definition.name == name }
    }

    /// Declares a table that there is not; its rows come with the events, or with a rebuild.
    ///
    /// - Returns: its version.
    /// - Throws: `invalid` when another projection has the name.
    package func declare(_ definition: TableDefinition) async throws(Problem) -> Int {
        try await projectors.run { connection in
            let rows = try connection.query(
                "SELECT tally.declare_table($1, $2)",
                [.text(definition.name), .text(definition.json)]
            )
            return try rows.natural(0, 0)
        }
    }
}
