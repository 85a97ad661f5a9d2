// Tables of real columns: declared once, filled from documents, read in SQL.

public import TallyCore
public import TallyReplay

extension Projections {
    /// What declaring a table would change.
    public func difference(_ table: TableDefinition) async throws(Problem) -> TableChangeKind {
        try await declaration(jobs: 1).difference(table)
    }

    /// Makes a table as it is declared, and fills it from the log.
    ///
    /// ```swift
    /// let invoices = try TableDefinition(
    ///     name: "invoices", collection: "billing/invoice",
    ///     columns: [
    ///         TableColumn("total", .numeric, from: "$.data.total"),
    ///         TableColumn("paid", .boolean, from: "$.data.paid"),
    ///     ],
    ///     indexes: [["paid"]])
    /// _ = try await ledger.projections.declare(invoices)
    /// ```
    ///
    /// A table that has changed is built beside the one in use, which readers see until the new one
    /// has come as far. Calling it again with the same definition changes nothing.
    /// - Parameters:
    ///   - table: the table.
    ///   - jobs: pages that are read and opened at a time.
    ///   - progress: is told how many events are done.
    /// - Returns: what was built; `nil` for a table that was like that already.
    /// - Throws: `invalid` when another projection has the name, or when a value does not fit its
    ///   column.
    public func declare(
        _ table: TableDefinition,
        jobs: Int = 2,
        progress: (Int) -> Void = { _ in }
    ) async throws(Problem) -> RebuildReport? {
        try await declaration(jobs: jobs)
            .declare(table, ledger.registry.list().map(\.id), progress: progress)
    }

    private func declaration(jobs: Int) -> TableDeclaration {
        TableDeclaration(
            readers: ledger.readers,
            projectors: ledger.projectors,
            vault: ledger.vault,
            jobs: jobs
        )
    }
}
