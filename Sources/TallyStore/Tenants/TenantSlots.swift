// A tenant's slot is its key in the ledger's database. Its genesis event holds it, so it never
// changes, and is looked up once.

internal import Synchronization
package import TallyCore
package import TallyPostgres

/// The slots that this process has looked up.
private enum TenantSlots {
    /// About 10 MB.
    private static let bound = 200_000
    private static let known = Mutex<[TenantID: Int32]>([:])

    static func find(_ tenant: TenantID) -> Int32? { known.withLock { $0[tenant] } }

    static func note(_ slot: Int32, of tenant: TenantID) {
        known.withLock { known in
            if known.count >= bound { known.removeAll() }
            known[tenant] = slot
        }
    }
}

extension Connection {
    /// A tenant's key in the database, asked for the first time only; -1, which no row has, where
    /// there is no such tenant.
    package func slot(of tenant: TenantID) throws(PostgresError) -> Int32 {
        if let slot = TenantSlots.find(tenant) { return slot }
        let rows = try query(
            "SELECT slot FROM tally.tenant WHERE tenant_id = $1",
            [.uuid(tenant.bytes)]
        )
        guard rows.count == 1 else { return -1 }
        let slot = try rows.integer(0, 0, as: Int32.self)
        TenantSlots.note(slot, of: tenant)
        return slot
    }
}
