// What came of a restore, compared with what was planned: over the streams that were applied, as
// each was right after.

package import TallyCore
package import TallyCrypto
package import TallyPostgres
internal import TallyReplay
internal import TallyStore
package import TallyVault

/// Computes the two roots of a restore.
package struct RestoreRoots: Sendable {
    private let states: StreamStates
    private let reader: Session
    private let vault: Vault

    /// Reads through connections of role tally_reader.
    package init(pool: ConnectionPool, vault: Vault) {
        states = StreamStates(pool: pool, vault: vault)
        reader = Session(pool: pool)
        self.vault = vault
    }

    /// The root of some steps' documents as they were at their targets: what was planned of them.
    ///
    /// - Complexity: O(events of these documents).
    package func planned(
        _ tenant: TenantID,
        _ steps: [RestorePlan.Step]
    ) async throws(Problem) -> Digest {
        try await root(tenant, steps.map { ($0.stream, $0.target) })
    }

    /// The root of some steps' documents as the restore left them.
    ///
    /// - Complexity: O(events of these documents).
    package func found(
        _ tenant: TenantID,
        _ steps: [RestorePlan.Step]
    ) async throws(Problem) -> Digest {
        try await root(tenant, steps.map { ($0.stream, $0.version + 1) })
    }

    private func root(
        _ tenant: TenantID,
        _ wanted: [(stream: BlindTag, version: Int)]
    ) async throws(Problem) -> Digest {
        let skipped = try await reader.scoped(tenant) {
            try ProjectionStops.read($0, tenant, BuiltInProjection.documents).skipped
        }
        let index = try await vault.index(tenant)
        var leaves: [BlindTag: Digest] = [:]
        try await states.each(tenant, wanted, skipping: skipped) {
            number,
            state throws(Problem) in
            let stream = wanted[number].stream
            leaves[stream] = state?.content.map { index.digest(of: $0, stream) }
            return true
        }
        return StateLeaves(leaves).root
    }
}
