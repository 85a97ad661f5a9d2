// Whether the key journal could bring the key store back: looked at before anybody needs it.

internal import TallyCore
internal import TallyCrypto
internal import TallyPostgres

/// Compares the key journal with the key store.
package struct JournalAudit: Sendable {
    /// How many tenants' keys are read at a time.
    private static let page = 1000

    private let vault: Vault

    /// Compares the journals of `vault` with its key store.
    package init(vault: Vault) {
        self.vault = vault
    }

    /// How many live keys there are, and how many of them no journal of a living epoch has.
    ///
    /// - Throws: `journal` for a journal that cannot be read.
    /// - Complexity: O(keys) in time and memory.
    package func run() async throws(VaultError) -> (keys: Int, missing: Int) {
        // Keys are journalled before they are stored: what is read first is in what is read then.
        let stored = try await liveKeys()
        let content = try await JournalContent.read(vault).content
        var missing = 0
        for (tenant, ids) in stored {
            let known = content.keys(of: tenant).flatMap(\.keys)
                .compactMap { (try? WrappedKey(decoding: $0.wrapped))?.keyID }
            missing += Set(ids).subtracting(known).count
        }
        return (stored.values.reduce(0) { $0 + $1.count }, missing)
    }

    private func liveKeys() async throws(VaultError) -> [TenantID: [KeyID]] {
        let tenants = try await vault.store.run { try KeyStore.tenants($0) }
        var found: [TenantID: [KeyID]] = [:]
        for start in stride(from: 0, to: tenants.count, by: Self.page) {
            let page = Array(tenants[start..<min(start + Self.page, tenants.count)])
            for key in try await vault.store.run({ try KeyStore.liveKeys($0, page) }) {
                found[key.tenant, default: []].append(key.record.id)
            }
        }
        return found
    }
}
