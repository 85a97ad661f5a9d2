// The way back of somebody who was erased: under new keys, once two have decided it.

package import TallyCore
internal import TallyStore
internal import TallyVault

/// Asks for readmissions, and lets the key store know of those that were decided.
package struct Readmissions: Sendable {
    private let context: DecisionContext

    /// Works on a ledger's readmissions.
    package init(_ context: DecisionContext) {
        self.context = context
    }

    /// Asks that an erased subject may be recorded again, under new keys.
    ///
    /// - Throws: `notFound` when the subject was never erased.
    package func request(
        _ subject: String,
        to tenant: TenantID,
        by key: OperatorKey?
    ) async throws(Problem) -> (id: DecisionID, state: DecisionState) {
        let tag = try await context.subjectTag(subject, of: tenant)
        let erasure = try await ErasureRegister(pool: context.pools.operators).list(tenant)
            .first { $0.scope.subjectTag == tag && $0.fencedAt != nil }
        guard let erasure else {
            throw Problem(
                .notFound,
                "the subject was not erased",
                hint: "it can be recorded without a readmission"
            )
        }
        return try await DecisionRequests(context)
            .open(.readmission(tenant, erasure: erasure.id), by: key)
    }

    /// Lets readmitted subjects have keys again.
    package func liftBlocks() async throws(Problem) {
        let readmitted = try await ErasureRegister(pool: context.pools.executors).readmitted()
        for (tenant, subjects) in Dictionary(grouping: readmitted, by: \.0) {
            let check = try await ApprovalCheck(context, of: tenant)
            for subject in subjects.map(\.1) where check.isReadmitted(subject) {
                try await lift(subject, of: tenant)
            }
        }
    }

    private func lift(_ subject: BlindTag, of tenant: TenantID) async throws(Problem) {
        do throws(VaultError) {
            try await context.vault.readmit(tenant, subject)
        } catch {
            throw Problem(error)
        }
    }
}
