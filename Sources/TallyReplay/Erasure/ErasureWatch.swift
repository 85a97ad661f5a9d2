// Which erasures a page of events was read before: a projector must not write what an erasure has
// taken away since.

internal import Synchronization
internal import TallyCore
internal import TallyPostgres
internal import TallyStore
internal import TallyVault

/// How often each tenant's log has become less, as this projector has seen it last.
final class ErasureWatch: Sendable {
    private let vault: Vault
    private let seen = Mutex<[TenantID: Int64]>([:])

    init(vault: Vault) {
        self.vault = vault
    }

    /// The tenant's number, in a transaction that is scoped to it.
    static func count(
        _ connection: Connection,
        _ tenant: TenantID
    ) throws(PostgresError) -> Int64 {
        try connection.query(
            "SELECT tally.erasure_count($1)",
            [.integer(try connection.slot(of: tenant))]
        ).integer(0, 0)
    }

    /// Drops a tenant's keys from memory where the number is another one than before.
    func note(_ count: Int64, of tenant: TenantID) {
        let before = seen.withLock { seen -> Int64? in
            if seen.count >= ReplayLimits.watchedTenants { seen.removeAll() }
            return seen.updateValue(count, forKey: tenant)
        }
        if before != count { vault.forget(tenant) }
    }
}
