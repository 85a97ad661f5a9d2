// Erasures of a ledger, from the request to the end: what commands and services call.

package import TallyCore
internal import TallyPostgres
package import TallyStore
internal import TallyVault

/// Asks for erasures and carries them out.
package struct Erasures: Sendable {
    let ledger: Ledger
    /// The register.
    package let register: ErasureRegister
    private let decisions: Decisions

    /// Works on a ledger's erasures.
    package init(_ ledger: Ledger) {
        self.ledger = ledger
        register = ErasureRegister(pool: ledger.operators)
        decisions = Decisions(ledger)
    }

    /// Asks for the erasure of a subject, the right to be forgotten of the GDPR.
    ///
    /// - Parameters:
    ///   - subject: the subject's name, as events give it.
    ///   - tenant: whose subject.
    ///   - classes: retention classes; `nil` for all, those to come included.
    ///   - ground: a reference to the legal ground, 1 to 64 letters, digits and `. _ : / # -`.
    ///   - key: the key of the operator who asks.
    /// - Returns: the erasure's id and whether it may be run. Clones of the tenant are part of it: see
    ///   ``spread(_:subject:by:)``.
    /// - Throws: `invalid` for a name no event could have, `approvalRequired` without a needed key.
    package func request(
        subject: String,
        of tenant: Tenant,
        classes: [String]? = nil,
        ground: String,
        by key: OperatorKey?
    ) async throws(Problem) -> (id: DecisionID, state: DecisionState) {
        do throws(StoreError) {
            try EventCheck.subject(subject, classes: classes ?? [])
        } catch {
            throw Problem(error)
        }
        let tag = try await ledger.subjectTag(subject, of: tenant)
        let scope = KeyScope(subject: tag, classes: classes)
        return try await open(tenant, scope, subject, ground: ground, by: key)
    }

    /// Asks for the erasure of a whole tenant.
    package func request(
        tenant: Tenant,
        ground: String,
        by key: OperatorKey?
    ) async throws(Problem) -> (id: DecisionID, state: DecisionState) {
        guard tenant.id != ledger.ownTenant else {
            throw Problem(
                .forbidden,
                "the ledger's own log is never erased",
                hint: "name a tenant of your own"
            )
        }
        return try await open(tenant, .tenant, nil, ground: ground, by: key)
    }

    private func open(
        _ tenant: Tenant,
        _ scope: KeyScope,
        _ subject: String?,
        ground: String,
        by key: OperatorKey?
    ) async throws(Problem) -> (id: DecisionID, state: DecisionState) {
        let plan = DecisionPlan.erasure(of: tenant.id, scope, ground: ground)
        let request = try await decisions.open(plan, by: key)
        do throws(Problem) {
            _ = try await spread(request.id, subject: subject, by: key)
        } catch {
            throw Problem(
                error.code,
                "erasure \(request.id.hex) is asked for, but not in every clone: \(error.message)",
                hint: "tally erasure spread \(request.id.hex), with the subject's name again"
            )
        }
        return request
    }

    /// Runs an erasure as far as it can go; see ``ErasureRun/run(_:)``.
    package func run(
        _ id: DecisionID,
        reached: @escaping @Sendable (ErasureStep) async -> Void = { _ in }
    ) async throws(Problem) -> ErasureRow {
        do throws(StoreError) {
            return try await ErasureRun(ledger: ledger, reached: reached).run(id)
        } catch {
            throw Problem(error)
        }
    }

    /// Runs every erasure that may go on, and takes on those whose time has come.
    ///
    /// - Returns: the problems of those that could not go on; one never holds up another.
    package func runAll() async throws(Problem) -> [(id: DecisionID, problem: Problem)] {
        var problems: [(DecisionID, Problem)] = []
        for erasure in try await runnable() {
            do throws(Problem) {
                _ = try await run(erasure.id)
            } catch {
                problems.append((erasure.id, error))
            }
        }
        _ = try await ledger.advanceErasures()
        try await decisions.liftBlocks()
        return problems
    }

    private func runnable() async throws(Problem) -> [ErasureRow] {
        do throws(StoreError) {
            let all = try await ErasureRegister(pool: ledger.executors).list().filter(\.canRun)
            // Those in clones are taken along by the one in their source, as long as that goes on.
            let ids = Set(all.map(\.id))
            return all.filter { !ids.contains($0.follows ?? .zero) }
        } catch {
            throw Problem(error)
        }
    }

    /// All erasures, or those of a tenant, newest first.
    package func list(_ tenant: Tenant? = nil) async throws(Problem) -> [ErasureRow] {
        do throws(StoreError) {
            return try await register.list(tenant?.id)
        } catch {
            throw Problem(error)
        }
    }

    /// The erasure of that id.
    package func find(_ id: DecisionID) async throws(Problem) -> ErasureRow {
        do throws(StoreError) {
            return try await register.find(id)
        } catch {
            throw Problem(error)
        }
    }
}

extension ErasureRow {
    /// Whether a run may take it further.
    fileprivate var canRun: Bool {
        switch state {
        case .approved, .onHold, .fenced, .keysDestroyed: true
        case .requested, .purged, .epochRetired, .final, .refused: false
        }
    }
}

extension Ledger {
    /// The blind tag of a subject's name.
    ///
    /// - Throws: `invalid` for a name that no event could have.
    package func subjectTag(
        _ subject: String,
        of tenant: Tenant
    ) async throws(Problem) -> BlindTag {
        do {
            try EventCheck.subject(subject)
            return try await vault.indexKey(tenant.id).tag(.subject, subject)
        } catch {
            throw Problem(error)
        }
    }
}
