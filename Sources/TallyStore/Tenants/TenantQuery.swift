// Reads the rows about tenants and the ledger.

package import TallyCore
internal import TallyCrypto
package import TallyPostgres

/// The statements behind ``TenantRegistry`` and the verifier.
package enum TenantQuery {
    static func rows(
        _ connection: Connection,
        where condition: String,
        _ parameters: [Parameter]
    ) throws(PostgresError) -> [TenantRow] {
        let rows = try connection.query(
            """
            SELECT t.tenant_id, t.slot, t.name_tag, t.name_sealed, t.region, t.created_at,
                h.size, h.last_leaf_hash, h.recorded_at, h.state,
                t.source
            FROM tally.tenant t JOIN tally.head h USING (tenant_id)
            WHERE \(condition) ORDER BY t.slot
            """,
            parameters
        )
        var found: [TenantRow] = []
        for row in 0..<rows.count { found.append(try tenant(rows, row)) }
        return found
    }

    /// The ledger's row; `nil` before `tally init`.
    package static func ledger(_ connection: Connection) throws(PostgresError) -> LedgerRow? {
        let rows = try connection.query(
            "SELECT ledger_id, origin, created_at, format FROM tally.ledger"
        )
        guard rows.count == 1, let id = LedgerID(try rows.bytes(0, 0)) else { return nil }
        return LedgerRow(
            id: id,
            origin: try rows.text(0, 1),
            createdAt: UInt64(clamping: try rows.integer(0, 2)),
            format: Int(try rows.integer(0, 3))
        )
    }

    /// The tenant in slot 0.
    package static func ledgerTenant(
        _ connection: Connection
    ) throws(PostgresError) -> TenantID? {
        let rows = try connection.query("SELECT tenant_id FROM tally.tenant WHERE slot = 0")
        return rows.count == 1 ? TenantID(try rows.bytes(0, 0)) : nil
    }

    private static func tenant(_ rows: Rows, _ row: Int) throws(PostgresError) -> TenantRow {
        guard let id = TenantID(try rows.bytes(row, 0)) else {
            throw PostgresError(.unexpectedResult, message: "a tenant row of another shape")
        }
        // What cannot be was altered; verify finds it by comparison.
        return TenantRow(
            id: id,
            slot: Int(try rows.integer(row, 1)),
            nameTag: BlindTag(try rows.bytes(row, 2)) ?? .zero,
            nameSealed: try rows.bytes(row, 3),
            region: try rows.text(row, 4),
            createdAt: UInt64(clamping: try rows.integer(row, 5)),
            size: try rows.nearestNatural(row, 6),
            lastLeafHash: Digest(try rows.bytes(row, 7)) ?? .zero,
            recordedAt: UInt64(clamping: try rows.integer(row, 8)),
            state: UInt8(clamping: try rows.integer(row, 9)),
            source: rows.optionalBytes(row, 10).flatMap { TenantID($0) }
        )
    }
}
