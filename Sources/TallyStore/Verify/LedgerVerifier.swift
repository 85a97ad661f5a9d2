// What only a look at all tenants shows: one that vanished, a slot that is empty.

package import TallyCore
package import TallyPostgres

/// Checks the ledger as a whole; each tenant's log is ``TenantVerifier``'s.
package struct LedgerVerifier: Sendable {
    private let reader: LogReader

    /// Reads through connections of role tally_auditor.
    package init(pool: ConnectionPool) {
        reader = LogReader(pool: pool)
    }

    /// Looks for tenants with events but without a row, and for gaps in the slots.
    package func check() async throws(StoreError) -> [Finding] {
        try await reader.run { connection in
            let stray = try connection.query("SELECT * FROM tally.stray_tenants()")
            return try (0..<stray.count).map { row in
                let id = TenantID(try stray.bytes(row, 0))?.hex ?? "?"
                return Finding(.vanishedTenant, "\(id) has events or a head, but no row")
            }
        }
    }
}
