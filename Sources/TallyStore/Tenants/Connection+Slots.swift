// A tenant's slot is its key in the ledger's database. Its genesis event holds it, so within a
// session it never changes, and is looked up once; a later session may be another server's, which
// was recovered to an earlier time.

package import TallyCore
package import TallyPostgres

extension Connection {
    /// About 2 MB.
    private static let notedSlots = 20_000

    /// A tenant's key in the database, asked for the first time only; -1, which no row has, where
    /// there is no such tenant.
    package func slot(of tenant: TenantID) throws(PostgresError) -> Int32 {
        let id = tenant.bytes
        if let slot = noted[id] { return slot }
        let rows = try query("SELECT slot FROM tally.tenant WHERE tenant_id = $1", [.uuid(id)])
        guard rows.count == 1 else { return -1 }
        let slot = try rows.integer(0, 0, as: Int32.self)
        if noted.count >= Self.notedSlots { noted.removeAll() }
        noted[id] = slot
        return slot
    }
}
