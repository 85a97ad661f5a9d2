// The first minute of a ledger: its id, its first key epoch, and slot 0.

package import TallyCore
internal import TallyCrypto
package import TallyPostgres
package import TallyVault

/// Creates a ledger in migrated databases.
package enum LedgerBirth {
    /// Makes the ledger's keys, row and slot 0.
    ///
    /// - Parameters:
    ///   - origin: the name under which heads will be published.
    ///   - hasSingleOperator: whether one person decides alone, for good.
    ///   - vault: the keys of the new ledger id.
    ///   - pool: connections of a superuser.
    /// - Throws: `invalid` when there is a ledger already; it is left as it was.
    package static func create(
        origin: String,
        hasSingleOperator: Bool,
        vault: Vault,
        pool: ConnectionPool
    ) async throws(Problem) {
        let tenant = TenantID.random()
        do throws(VaultError) {
            try await vault.createFirstEpoch()
            try await vault.createTenantKeys(tenant)
        } catch {
            throw Problem(error)
        }
        let registry = TenantRegistry(
            reader: pool,
            operators: pool,
            vault: vault,
            ledgerTenant: tenant
        )
        let tag = try await registry.tag(TenantRegistry.ledgerName)
        let sealed = try await registry.seal(TenantRegistry.ledgerName, of: tenant)
        let ledger = vault.ledger
        try await Session(pool: pool).run { connection in
            _ = try connection.query(
                "SELECT tally.create_ledger($1, $2, $3, $4, $5, $6)",
                [
                    .uuid(ledger.bytes), .text(origin), .uuid(tenant.bytes),
                    .bytea(tag.bytes), .bytea(sealed), .bool(hasSingleOperator),
                ]
            )
        }
    }
}
