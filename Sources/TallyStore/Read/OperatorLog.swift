// Who may decide, from the ledger's own log. The register's table is not asked: whoever can write
// it could name anybody.

package import TallyCore
package import TallyPostgres

/// Reads the operators whom the ledger's own log names.
package struct OperatorLog: Sendable {
    private let reader: Session

    /// Reads through connections of role tally_auditor or tally_reader.
    package init(pool: ConnectionPool) {
        reader = Session(pool: pool)
    }

    /// Reads through a session of such a role.
    package init(reader: Session) {
        self.reader = reader
    }

    /// The operators who were added on good grounds; nobody where that log is lost.
    ///
    /// - Complexity: O(events of the ledger's own log).
    package func read(_ ledger: LedgerID) async throws(Problem) -> KnownOperators {
        let tenant = try await reader.run { try TenantQuery.ledgerTenant($0) } ?? .zero
        var fold = DecisionFold(ledger: ledger, ownTenant: tenant)
        // The slot is the ledger's own, whatever the table of tenants says.
        let size = try await reader.run { try Session.size($0, slot: 0) } ?? 0
        for start in stride(from: 0, to: size, by: StoreLimits.pageEvents) {
            let range = start..<min(start + StoreLimits.pageEvents, size)
            let rows = try await reader.read(slot: 0, range) { rows in
                var events: [StoredEvent] = []
                try rows { events.append($0) }
                return events
            }
            // A head may claim more than there is.
            guard !rows.isEmpty else { break }
            for fact in rows.compactMap({ ClearFact($0) }) { _ = fold.add(fact) }
        }
        return fold.operators
    }
}
