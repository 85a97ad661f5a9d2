// Invoices as a table: for lists that filter, sort and add up.

import Tallystick

/// The table of invoices, and what is asked of it.
package struct InvoiceTable: Sendable {
    /// What customers owe in one currency.
    package struct Open: Decodable, Sendable, Equatable {
        package let currency: String
        package let invoices: Int
        package let cents: Int
    }

    /// The columns, and where in the documents their values are.
    package static var definition: TableDefinition {
        get throws {
            try TableDefinition(
                name: "invoices",
                collection: InvoiceBook.collection,
                columns: [
                    TableColumn("customer", .bigint, from: "$.data.customer"),
                    TableColumn("cents", .bigint, from: "$.data.cents"),
                    TableColumn("paid", .boolean, from: "$.data.paid"),
                    TableColumn("currency", from: "$.data.currency"),
                ],
                indexes: [["paid", "currency"]]
            )
        }
    }

    private let tenant: Tenant

    package init(_ tenant: Tenant) {
        self.tenant = tenant
    }

    /// What is not paid yet, by currency.
    package func open() async throws -> [Open] {
        try await tenant.rows(
            of: Open.self,
            """
            SELECT coalesce(currency, 'EUR') AS currency, count(*) AS invoices,
                sum(cents)::bigint AS cents
            FROM tally_tables.invoices WHERE NOT paid
            GROUP BY 1 ORDER BY 1
            """
        )
    }
}
