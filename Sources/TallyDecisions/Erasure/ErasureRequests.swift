// Asks for erasures: of a subject or of a whole tenant, and in every clone of it.

package import TallyCore
internal import TallyStore
internal import TallyVault

/// Opens requests of erasures.
package struct ErasureRequests: Sendable {
    let context: DecisionContext
    /// The erasures that were asked for.
    package let register: ErasureRegister

    /// Works on a ledger's erasures.
    package init(_ context: DecisionContext) {
        self.context = context
        register = ErasureRegister(pool: context.pools.operators)
    }

    /// Asks for the erasure of a subject, of some retention classes or of all.
    ///
    /// - Throws: `invalid` for a name no event could have, `approvalRequired` without a needed key.
    package func open(
        subject: String,
        of tenant: TenantID,
        classes: [String]?,
        ground: String,
        by key: OperatorKey?
    ) async throws(Problem) -> (id: DecisionID, state: DecisionState) {
        try EventCheck.subject(subject, classes: classes ?? [])
        let tag = try await context.subjectTag(subject, of: tenant)
        let scope = KeyScope(subject: tag, classes: classes)
        return try await open(tenant, scope, subject, ground: ground, by: key)
    }

    /// Asks for the erasure of a whole tenant.
    ///
    /// That of an owner waits until `notBefore`, or for seven days, so that another owner can
    /// refuse it.
    /// - Throws: `forbidden` for the ledger's own tenant, `approvalRequired` without a needed key.
    package func open(
        tenant: TenantID,
        ground: String,
        notBefore: Instant? = nil,
        by key: OperatorKey?
    ) async throws(Problem) -> (id: DecisionID, state: DecisionState) {
        guard tenant != context.ownTenant else {
            throw Problem(
                .forbidden,
                "the ledger's own log is never erased",
                hint: "name a tenant of your own"
            )
        }
        let wait = try await waits(tenant, key)
        guard wait || notBefore == nil else { throw Self.waitsForNobody }
        let time = wait ? notBefore?.micros ?? context.now + Self.coolingOff : nil
        return try await open(tenant, .tenant, nil, ground: ground, notBefore: time, by: key)
    }

    /// How long another owner can refuse the erasure of a whole tenant, unless it is said.
    private static let coolingOff: UInt64 = 7 * 24 * 3600 * 1_000_000
    private static let waitsForNobody = Problem(
        .invalid,
        "only the erasure of a whole tenant by its owner waits for a time",
        hint: "leave the time out, or sign with the key of an owner"
    )

    /// Whether it is an owner who asks for the erasure of a whole tenant.
    func waits(_ tenant: TenantID, _ key: OperatorKey?) async throws(Problem) -> Bool {
        guard let key else { return false }
        let log = try await context.logs.read(tenant, context, context.pools.operators)
        return log.fold.owners.include(key.id, .tenantErasure, at: context.now)
    }

    private func open(
        _ tenant: TenantID,
        _ scope: KeyScope,
        _ subject: String?,
        ground: String,
        notBefore: UInt64? = nil,
        by key: OperatorKey?
    ) async throws(Problem) -> (id: DecisionID, state: DecisionState) {
        let plan = DecisionPlan.erasure(of: tenant, scope, ground: ground, notBefore: notBefore)
        let request = try await DecisionRequests(context).open(plan, about: subject, by: key)
        do throws(Problem) {
            _ = try await spread(request.id, subject: subject, by: key)
        } catch {
            throw Problem(
                error.code,
                "erasure \(request.id.hex) is asked for, but not in every clone: \(error.message)",
                hint: "\(.spreadErasure(request.id)), with the subject's name again"
            )
        }
        return request
    }
}
