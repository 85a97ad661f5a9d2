// Reads the rows about tenants and the ledger.

package import TallyCore
internal import TallyCrypto
package import TallyPostgres
internal import TallyVault

/// The statements behind ``TenantRegistry`` and the verifier.
package enum TenantQuery {
    /// The rows of tenants and their heads that meet a condition, in order of slots.
    package static func rows(
        _ connection: Connection,
        where condition: String,
        _ parameters: [Parameter]
    ) throws(PostgresError) -> [TenantRow] {
        let rows = try connection.query(
            """
            SELECT t.tenant_id, t.slot, t.name_tag, t.name_sealed, t.region, t.created_at,
                h.size, h.last_leaf_hash, h.recorded_at, h.state,
                t.source
            FROM tally.tenant t JOIN tally.head h USING (slot)
            WHERE \(condition) ORDER BY t.slot
            """,
            parameters
        )
        return try rows.map { row throws(PostgresError) in try TenantRow(row) }
    }

    /// The ledger's row; `nil` before `tally init`.
    package static func ledger(_ connection: Connection) throws(PostgresError) -> LedgerRow? {
        let rows = try connection.query(
            "SELECT ledger_id, origin, created_at, format FROM tally.ledger"
        )
        guard rows.count == 1, let row = rows.first else { return nil }
        return LedgerRow(
            id: try row["ledger_id"].id(),
            origin: try row["origin"].text(),
            createdAt: UInt64(clamping: try row["created_at"].integer()),
            format: Int(try row["format"].integer())
        )
    }

    /// Whether a database has a ledger, be its schema of an earlier build or none of ours.
    package static func isFounded(_ connection: Connection) throws(PostgresError) -> Bool {
        let table = try connection.query("SELECT to_regclass('tally.ledger') IS NOT NULL")
        guard try table.bool(0, 0) else { return false }
        return try connection.query("SELECT EXISTS (SELECT FROM tally.ledger)").bool(0, 0)
    }

    /// The tenant in slot 0.
    package static func ledgerTenant(
        _ connection: Connection
    ) throws(PostgresError) -> TenantID? {
        let rows = try connection.query("SELECT tenant_id FROM tally.tenant WHERE slot = 0")
        return rows.count == 1 ? TenantID(try rows.bytes(0, 0)) : nil
    }
}

extension TenantRow {
    /// What cannot be was altered; verify finds it by comparison.
    fileprivate init(_ row: Row) throws(PostgresError) {
        self.init(
            id: try row["tenant_id"].id(),
            slot: Int(try row["slot"].integer()),
            nameTag: BlindTag(try row["name_tag"].bytes()) ?? .zero,
            nameSealed: try row["name_sealed"].bytes(),
            region: try row["region"].text(),
            createdAt: UInt64(clamping: try row["created_at"].integer()),
            size: try row["size"].nearestNatural(),
            lastLeafHash: Digest(try row["last_leaf_hash"].bytes()) ?? .zero,
            recordedAt: UInt64(clamping: try row["recorded_at"].integer()),
            state: UInt8(clamping: try row["state"].integer()),
            source: try row["source"].optionalID()
        )
    }
}
