// The index key as readers ask for it, and a document's leaf under it.

package import TallyCore
package import TallyCrypto
package import TallyVault

extension Vault {
    /// The tenant's index key.
    ///
    /// - Throws: `erased` when the tenant was.
    package func index(_ tenant: TenantID) async throws(Problem) -> IndexKey {
        do throws(VaultError) {
            return try await indexKey(tenant)
        } catch {
            throw Problem(error)
        }
    }
}

extension IndexKey {
    /// A document's leaf in the state root.
    package func digest(of content: DocumentContent, _ stream: BlindTag) -> Digest {
        documentDigest(
            stream,
            data: content.data.canonical(),
            partDigests: content.partDigests
        )
    }
}
