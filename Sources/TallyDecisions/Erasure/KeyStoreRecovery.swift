// A key store that comes back from the journal must not bring anybody back who was erased.

package import TallyCore
internal import TallyStore
package import TallyVault

/// Brings a lost or older key store back.
package struct KeyStoreRecovery: Sendable {
    private let context: DecisionContext

    /// Works on a ledger's key store.
    package init(_ context: DecisionContext) {
        self.context = context
    }

    /// Restores the keys from the key journal, but for those that the tenants' logs say are fenced
    /// or destroyed.
    ///
    /// - Throws: `alteredRegister` where a register says something else than its log.
    /// - Complexity: O(events), for the logs.
    package func run() async throws(Problem) -> KeyRestoreReport {
        var fences: [TenantFences] = []
        for tenant in try await context.registry.list() {
            let found = try await ApprovalCheck(context, of: tenant.id).fences
            if !found.fences.isEmpty { fences.append(found) }
        }
        fences.sort { $0.tenant < $1.tenant }
        do {
            return try await KeyRestore(vault: context.vault).run(fences)
        } catch {
            throw Problem(error)
        }
    }
}
