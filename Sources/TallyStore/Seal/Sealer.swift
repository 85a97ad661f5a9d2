// Seals a request's events in the caller's task: the last place that sees plaintext.

package import TallyCore
internal import TallyCrypto
package import TallyVault

/// Turns submitted events into sealed ones.
package struct Sealer: Sendable {
    private let vault: Vault

    /// Seals with the keys of `vault`.
    package init(vault: Vault) {
        self.vault = vault
    }

    /// Checks and seals the events of one request.
    ///
    /// Nothing in the result depends on a position, so a lane may place it again and again.
    /// - Throws: `invalid`, `tooLarge`, `erased`, `unavailable` or `misconfigured`; nothing was
    ///   stored then.
    package func seal(
        _ events: [NewEvent],
        for tenant: TenantID,
        request id: String?,
        kind: EventKind = .recorded
    ) async throws(Problem) -> SealedRequest {
        try await seal(RequestDraft(events, request: id), for: tenant, kind: kind)
    }

    /// Seals a request that was checked before.
    package func seal(
        _ draft: RequestDraft,
        for tenant: TenantID,
        kind: EventKind = .recorded
    ) async throws(Problem) -> SealedRequest {
        do throws(VaultError) {
            let index = try await vault.indexKey(tenant)
            let dataKey = try await vault.dataKey(tenant, seals: draft.events.count)
            var subjectKeys = try await vault.subjectKeys(tenant, draft.keyNames(index))[...]
            var sealed: [SealedEvent] = []
            sealed.reserveCapacity(draft.events.count)
            for (ordinal, event) in draft.events.enumerated() {
                let keys = subjectKeys.prefix(event.personals.count)
                subjectKeys = subjectKeys.dropFirst(keys.count)
                sealed.append(
                    try event.seal(
                        as: draft.id.eventID(ordinal, under: index),
                        ledger: vault.ledger,
                        tenant: tenant,
                        index: index,
                        keys: [dataKey] + keys,
                        kind: kind
                    )
                )
            }
            return SealedRequest(tenant: tenant, draft: draft, events: sealed)
        } catch {
            throw Problem(error)
        }
    }

    /// Creates in one go the subject keys that many requests will need.
    ///
    /// It spares each of them a transaction of its own; an erased subject's request is left to
    /// ``seal(_:for:kind:)``.
    package func prepareKeys(
        for requests: [RequestDraft],
        of tenant: TenantID
    ) async throws(Problem) {
        do throws(VaultError) {
            let index = try await vault.indexKey(tenant)
            let names = Set(requests.lazy.flatMap { $0.keyNames(index) })
            if !names.isEmpty { _ = try await vault.subjectKeys(tenant, names.sorted()) }
        } catch  where error.code == .erased {
            return
        } catch {
            throw Problem(error)
        }
    }
}
