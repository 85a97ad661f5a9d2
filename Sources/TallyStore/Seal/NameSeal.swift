// Names at rest beside the log: sealed under a tenant's data key, and tied to the row that they
// stand in.

package import TallyCore
package import TallyCrypto
package import TallyVault

/// Seals and opens names under the data key of one tenant.
package struct NameSeal: Sendable {
    private let vault: Vault
    private let tenant: TenantID

    /// Uses the keys of a tenant.
    package init(vault: Vault, tenant: TenantID) {
        (self.vault, self.tenant) = (vault, tenant)
    }

    /// Seals a plaintext; `associated` gives what ties it to its row, for the key's id.
    package func seal(
        _ plaintext: [UInt8],
        _ associated: (KeyID) -> [UInt8]
    ) async throws(Problem) -> [UInt8] {
        do throws(VaultError) {
            let key = try await vault.dataKey(tenant)
            do throws(CryptoError) {
                return try SealedPart(
                    sealing: plaintext,
                    under: key,
                    associated: associated(key.id)
                ).encoded()
            } catch {
                throw VaultError(.provider, error.description)
            }
        } catch {
            throw Problem(error)
        }
    }

    /// Opens what ``seal(_:_:)`` made; `nil` when its key is gone or it does not open.
    package func open(
        _ sealed: [UInt8],
        _ associated: (KeyID) -> [UInt8]
    ) async throws(Problem) -> [UInt8]? {
        guard case .sealed(let part) = try? Part(decoding: sealed) else { return nil }
        do throws(VaultError) {
            let finding = try await vault.openingKeys(tenant, [part.keyID])[part.keyID]
            guard case .live(let key, _) = finding else { return nil }
            return try? part.open(with: key, associated: associated(key.id))
        } catch {
            throw Problem(error)
        }
    }
}
