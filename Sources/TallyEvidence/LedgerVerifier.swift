// What only a look at all tenants shows: one that vanished, a slot that is empty, a ledger that
// has no row or two.

package import TallyCore
package import TallyPostgres
internal import TallyStore
internal import TallyVault

/// Checks the ledger as a whole; each tenant's log is ``TenantVerifier``'s.
package struct LedgerVerifier: Sendable {
    private let reader: Session

    /// Reads through connections of role tally_auditor.
    package init(pool: ConnectionPool) {
        reader = Session(pool: pool)
    }

    /// Looks for tenants with events but without a row or a head, for gaps in the slots, for the
    /// one row of the ledger, and for the moments that clones were made of, all in one snapshot.
    ///
    /// - Complexity: memory for all tenants' ids.
    package func check() async throws(Problem) -> [Finding] {
        try await reader.run { connection in
            try connection.transaction {
                try connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                return try Self.ledgerFindings(connection) + Self.strayFindings(connection)
                    + Self.slotFindings(connection) + Self.cloneFindings(connection)
            }
        }
    }

    private static func ledgerFindings(
        _ connection: Connection
    ) throws(PostgresError) -> [Finding] {
        let rows = try connection.query("SELECT format FROM tally.ledger LIMIT 2")
        guard rows.count == 1 else {
            let number = rows.count == 0 ? "no row" : "more than one row"
            return [Finding(.alteredTenant, "the table of the ledger has \(number)")]
        }
        let format = try rows.integer(0, 0)
        guard format != 1 else { return [] }
        return [Finding(.alteredTenant, "the ledger's format is \(format), which is not 1")]
    }

    private static func strayFindings(
        _ connection: Connection
    ) throws(PostgresError) -> [Finding] {
        let rows = try connection.query("SELECT slot FROM tally.stray_tenants() s (slot)")
        return try rows.map { row throws(PostgresError) in
            let slot = try row["slot"].integer()
            return Finding(.vanishedTenant, "slot \(slot) has events or a head, but no row")
        } + renamed(connection)
    }

    /// Tenants whose rows have other ids than their heads.
    private static func renamed(_ connection: Connection) throws(PostgresError) -> [Finding] {
        let rows = try connection.query(
            """
            SELECT h.slot, h.tenant_id FROM tally.head h
            JOIN tally.tenant t ON t.slot = h.slot AND t.tenant_id <> h.tenant_id
            ORDER BY h.slot
            """
        )
        return try rows.map { row throws(PostgresError) in
            let (slot, id): (Int64, TenantID) = try (row["slot"].integer(), row["tenant_id"].id())
            return Finding(.vanishedTenant, "slot \(slot) is tenant \(id.hex)'s by its head")
        }
    }

    private static func slotFindings(
        _ connection: Connection
    ) throws(PostgresError) -> [Finding] {
        let rows = try connection.query(
            """
            SELECT t.tenant_id, t.slot, h.slot IS NOT NULL AS has_head
            FROM tally.tenant t LEFT JOIN tally.head h USING (slot) ORDER BY t.slot
            """
        )
        var findings: [Finding] = []
        var next = 0
        for row in rows {
            let id: TenantID = try row["tenant_id"].id()
            let slot = Int(try row["slot"].integer())
            if try !row["has_head"].bool() {
                findings.append(Finding(.alteredHead, "tenant \(id.hex) has no head"))
            }
            if slot < next {
                let fault = slot < 0 ? "is in slot \(slot)" : "shares slot \(slot)"
                findings.append(Finding(.alteredTenant, "tenant \(id.hex) \(fault)"))
            } else {
                if slot > next { findings.append(empty(next, slot - 1)) }
                next = slot + 1
            }
        }
        if next == 0 { findings.append(empty(0, 0)) }
        return findings
    }

    /// Clones whose first event names what their source's log does not have.
    private static func cloneFindings(
        _ connection: Connection
    ) throws(PostgresError) -> [Finding] {
        let rows = try connection.query(
            """
            SELECT t.tenant_id, g.body FROM tally.tenant t
            JOIN tally.event g ON g.slot = t.slot AND g.position = 0
            WHERE t.source IS NOT NULL ORDER BY t.slot
            """
        )
        var findings: [Finding] = []
        for row in rows {
            // One that cannot be read is a finding of its own log.
            let clear = Array(try row["body"].bytes().dropFirst(5))
            guard let source = (try? JSONReader.parse(clear))?.objectValue?["source"]?.objectValue,
                try !isInLog(source, connection)
            else { continue }
            let id: TenantID = try row["tenant_id"].id()
            findings.append(
                Finding(
                    .alteredTenant,
                    "clone \(id.hex) names a moment that its source's log does not have"
                )
            )
        }
        return findings
    }

    private static func isInLog(
        _ source: JSONObject,
        _ connection: Connection
    ) throws(PostgresError) -> Bool {
        guard let tenant = source["tenant"]?.bytes.flatMap({ TenantID($0) }),
            let cut = source["cut"]?.int64Value, let hash = source["leaf_hash"]?.bytes
        else { return false }
        let rows = try connection.query(
            """
            SELECT FROM tally.event e JOIN tally.tenant t USING (slot)
            WHERE t.tenant_id = $1 AND e.position = $2 - 1 AND tally.leaf_hash(e.leaf) = $3
            """,
            [.uuid(tenant.bytes), .bigint(cut), .bytea(hash)]
        )
        return rows.count == 1
    }

    private static func empty(_ first: Int, _ last: Int) -> Finding {
        let slots = first == last ? "slot \(first) has" : "slots \(first) to \(last) have"
        return Finding(.vanishedTenant, "\(slots) no tenant")
    }
}
