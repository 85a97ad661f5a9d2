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
        request id: String,
        kind: EventKind = .recorded
    ) async throws(StoreError) -> SealedRequest {
        let drafts = try Self.draft(events, request: id)
        do throws(VaultError) {
            let index = try await vault.indexKey(tenant)
            let dataKey = try await vault.dataKey(tenant, seals: events.count)
            let names = drafts.map { $0.keyNames(index) }
            var subjectKeys = try await vault.subjectKeys(tenant, names.flatMap { $0 })[...]
            var sealed: [SealedEvent] = []
            sealed.reserveCapacity(events.count)
            for draft in drafts {
                let keys = subjectKeys.prefix(draft.personals.count)
                subjectKeys = subjectKeys.dropFirst(keys.count)
                sealed.append(
                    try draft.seal(
                        ledger: vault.ledger,
                        tenant: tenant,
                        index: index,
                        keys: [dataKey] + keys,
                        kind: kind
                    )
                )
            }
            return SealedRequest(
                tenant: tenant,
                id: id,
                digest: index.requestDigest(drafts.map(\.requestEvent)),
                events: sealed
            )
        } catch {
            throw StoreError(error)
        }
    }

    /// The digest by which a retry is known; `nil` when the tenant was erased and has no key for it.
    func digest(
        of events: [NewEvent],
        for tenant: TenantID,
        request id: String
    ) async throws(StoreError) -> Digest? {
        let drafts = try Self.draft(events, request: id)
        do throws(VaultError) {
            return try await vault.indexKey(tenant).requestDigest(drafts.map(\.requestEvent))
        } catch  where error.code == .erased {
            return nil
        } catch {
            throw StoreError(error)
        }
    }

    /// Creates in one go the subject keys that many requests will need.
    ///
    /// It spares each of them a transaction of its own; a request that fails the checks is left
    /// to ``seal(_:for:request:)``.
    package func prepareKeys(
        for requests: [[NewEvent]],
        of tenant: TenantID
    ) async throws(StoreError) {
        do throws(VaultError) {
            let index = try await vault.indexKey(tenant)
            var names: Set<KeyName> = []
            for events in requests {
                guard let drafts = try? Self.draft(events, request: "-") else { continue }
                for draft in drafts { names.formUnion(draft.keyNames(index)) }
            }
            if !names.isEmpty { _ = try await vault.subjectKeys(tenant, names.sorted()) }
        } catch  where error.code == .erased {
            return
        } catch {
            throw StoreError(error)
        }
    }

    private static func draft(
        _ events: [NewEvent],
        request id: String
    ) throws(StoreError) -> [EventDraft] {
        try EventCheck.requestID(id)
        guard (1...StoreLimits.requestEvents).contains(events.count) else {
            throw StoreError(
                events.isEmpty ? .invalid : .tooLarge,
                "a request of \(events.count) events",
                hint: "give 1 to \(StoreLimits.requestEvents) events at a time"
            )
        }
        let byteCount = events.reduce(0) { $0 + $1.byteCount }
        guard byteCount <= StoreLimits.requestBytes else {
            throw StoreError(
                .tooLarge,
                "a request with \(byteCount) bytes of data",
                hint: "give at most \(StoreLimits.requestBytes) bytes at a time"
            )
        }
        var drafts: [EventDraft] = []
        drafts.reserveCapacity(events.count)
        for (index, event) in events.enumerated() {
            let sections = try EventCheck.check(event, at: "/events/\(index)")
            drafts.append(EventDraft(event, sections: sections))
        }
        return drafts
    }
}
