// Makes the plan of a restore into a new tenant and changes nothing.

package import TallyCore
package import TallyPostgres
package import TallyReplay
internal import TallyStore
package import TallyVault

/// Plans clones.
package struct ClonePlanner: Sendable {
    private let source: CloneSource
    private let vault: Vault

    /// Reads through connections of role tally_reader.
    package init(pool: ConnectionPool, vault: Vault) {
        source = CloneSource(pool: pool, vault: vault)
        self.vault = vault
    }

    /// The plan that copies a tenant's documents as of a cut.
    ///
    /// - Parameters:
    ///   - tenant: the source.
    ///   - cut: the moment; at least the genesis event counts.
    ///   - scope: the tenant, a collection or a stream.
    ///   - clone: the tenant to be.
    /// - Returns: the plan.
    /// - Throws: `invalid` for a cut before the genesis event, or for another scope.
    /// - Complexity: O(documents + events since each document's last put that count).
    package func plan(
        _ tenant: TenantID,
        _ cut: Cut,
        _ scope: RestoreScope,
        into clone: CloneTenant
    ) async throws(Problem) -> ClonePlan {
        let place = try RestorePlan.Place(cut)
        let scope = try CloneScope.of(scope, await vault.index(tenant))
        let roots = try await source.roots(tenant, before: cut.size, scope, keyedBy: tenant)
        return ClonePlan(
            tenant: tenant,
            clone: clone,
            cut: place,
            scope: scope,
            documents: roots.documents,
            erasedParts: roots.erasedParts,
            root: roots.state
        )
    }
}
