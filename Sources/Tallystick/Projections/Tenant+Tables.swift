// Tables read in SQL, within one tenant.

internal import Foundation
public import TallyCore
internal import TallyPostgres
internal import TallyReplay
internal import TallyStore

extension Tenant {
    /// Reads tables in SQL, as values of a type.
    ///
    /// ```swift
    /// let open = try await acme.rows(
    ///     of: OpenInvoice.self,
    ///     "SELECT stream, total FROM tally_tables.invoices WHERE NOT paid ORDER BY total DESC")
    /// ```
    ///
    /// The transaction only reads, its role is `tally_table_reader`, and row security shows it this
    /// tenant's rows and no others. Each row is decoded from a JSON object with the names of its
    /// columns.
    /// - Parameters:
    ///   - type: a row's type.
    ///   - statement: one SELECT with `$1`, `$2` and so on for values; part of it must never be
    ///     text of a user.
    ///   - values: the values.
    /// - Returns: at most 10,000 rows, in the statement's order.
    /// - Throws: `invalid` for a statement that PostgreSQL refuses or a row that does not decode,
    ///   `tooLarge` for more rows.
    public func rows<Row: Decodable>(
        of type: Row.Type,
        _ statement: String,
        _ values: [ProjectionValue] = []
    ) async throws(Problem) -> [Row] {
        let limit = ReplayLimits.answerPage.upperBound
        let rows = "SELECT row_to_json(q)::text FROM (\(statement)) AS q LIMIT \(limit + 1)"
        let parameters = values.map(\.parameter)
        let texts = try await texts(rows, parameters)
        guard texts.count <= limit else {
            throw Problem(
                .tooLarge,
                "the statement has more than \(limit) rows",
                hint: "page through them: add a WHERE and a LIMIT"
            )
        }
        return try texts.map { text throws(Problem) in
            try JSONText.decode(type, text, of: "a row")
        }
    }

    private func texts(
        _ statement: String,
        _ parameters: [Parameter]
    ) async throws(Problem) -> [String] {
        let reader = Session(pool: ledger.tableReaders)
        do {
            return try await reader.tables(of: id) { connection in
                try connection.execute("SET TRANSACTION READ ONLY")
                let rows = try connection.query(statement, parameters)
                return try (0..<rows.count).map { try rows.text($0, 0) }
            }
        } catch let error as PostgresError where error.code == .refused {
            throw Problem(
                .invalid,
                // Not its message: that can quote a value.
                "PostgreSQL refused the statement with SQLSTATE \(error.sqlState ?? "?")",
                hint: "try it in psql; the server's log has PostgreSQL's words"
            )
        } catch {
            throw Problem(error)
        }
    }
}
