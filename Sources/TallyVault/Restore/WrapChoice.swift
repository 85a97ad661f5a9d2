// Under which wrapping key each tenant's keys are after a restore: that of the key store if it
// opens, else the best of the journals.

internal import TallyCore
internal import TallyCrypto
internal import TallyPostgres

/// Chooses tenants' wraps; nothing is stored by it.
struct WrapChoice: Sendable {
    /// The wraps that were chosen.
    struct Result: Sendable {
        var wraps: [TenantID: WrappedTWK] = [:]
        /// Tenants whose wrap comes from a journal.
        var taken: [TenantID] = []
        /// Tenants for which no wrap opens.
        var lost: [TenantID] = []
    }

    /// How many tenants are looked at in one go.
    private static let page = 1000

    let vault: Vault
    let usable: Set<UInt64>
    let index: JournalIndex

    /// - Complexity: O(tenants) in time, memory and requests to the provider, a hundred in each.
    func run() async throws(VaultError) -> Result {
        let stored = try await vault.store.run { try KeyStore.allWraps($0) }
        let byTenant = Dictionary(stored.map { ($0.tenant, $0) }) { $1 }
        let tenants = Set(byTenant.keys).union(index.wraps.keys).sorted()
        var result = Result()
        for start in stride(from: 0, to: tenants.count, by: Self.page) {
            let page = tenants[start..<min(start + Self.page, tenants.count)]
            // An erased tenant has a row without a wrap, and gets none.
            let living = page.filter { byTenant[$0]?.wrapped != nil || byTenant[$0] == nil }
            let left = try await keep(living.compactMap { byTenant[$0] }, &result)
            let others = living.filter { byTenant[$0] == nil } + left
            for tenant in others { try await take(tenant, &result) }
        }
        return result
    }

    /// Keeps the wraps that open; gives the tenants of the others.
    private func keep(
        _ wraps: [KeyStore.TenantWrap],
        _ result: inout Result
    ) async throws(VaultError) -> [TenantID] {
        let hopeful = wraps.filter { usable.contains($0.epoch) }
        let keys = try await vault.unwrapEach(hopeful)
        for (wrap, key) in zip(hopeful, keys) where key != nil {
            result.wraps[wrap.tenant] = wrap.wrapped.flatMap { try? WrappedTWK(decoding: $0) }
        }
        return wraps.map(\.tenant).filter { result.wraps[$0] == nil }
    }

    private func take(_ tenant: TenantID, _ result: inout Result) async throws(VaultError) {
        for wrap in index.candidates(tenant) where usable.contains(wrap.epoch) {
            guard try await vault.unwrapEach([wrap.stored(of: tenant)])[0] != nil else { continue }
            result.wraps[tenant] = wrap
            result.taken.append(tenant)
            return
        }
        result.lost.append(tenant)
    }
}

extension Vault {
    /// The TWKs in wraps, in their order; `nil` where one does not open.
    func unwrapEach(
        _ wraps: [KeyStore.TenantWrap]
    ) async throws(VaultError) -> [SecretKey?] {
        do throws(VaultError) {
            return try await unwrap(wraps)
        } catch  where [.wrongKEK, .damagedKey, .epochDestroyed].contains(error.code) {
            guard wraps.count > 1 else { return [nil] }
            let half = wraps.count / 2
            let first = try await unwrapEach(Array(wraps[..<half]))
            return first + (try await unwrapEach(Array(wraps[half...])))
        }
    }
}
