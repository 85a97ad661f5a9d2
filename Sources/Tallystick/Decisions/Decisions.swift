// Decisions of operators: asked for by one, approved by another, carried out once both signed.

package import TallyCore
package import TallyCrypto
internal import TallyPostgres
package import TallyStore
internal import TallyVault

/// Requests, approvals and the register of operators of a ledger.
package struct Decisions: Sendable {
    let ledger: Ledger
    private let requests: DecisionRequests
    private let register: OperatorRegister

    /// Works on a ledger's decisions.
    package init(_ ledger: Ledger) {
        self.ledger = ledger
        requests = DecisionRequests(
            pool: ledger.operators,
            ledger: ledger.row.id,
            clock: ledger.configuration.clock
        )
        register = OperatorRegister(pool: ledger.operators)
    }

    /// Records a request; see ``TallyStore/DecisionRequests/open(_:by:)``.
    package func open(
        _ plan: DecisionPlan,
        by key: OperatorKey?
    ) async throws(Problem) -> (id: DecisionID, state: DecisionState) {
        do {
            let state = try await requests.open(plan, by: key)
            if state == .applied { try await settle(plan.action) }
            return (plan.id, state)
        } catch {
            throw Problem(error)
        }
    }

    /// Signs a request as another operator, and with that of an erasure those in clones of its tenant; see
    /// ``TallyStore/DecisionRequests/approve(_:with:)``.
    package func approve(
        _ id: DecisionID,
        with key: OperatorKey
    ) async throws(Problem) -> DecisionState {
        do {
            for clone in try await signedAlong(id, with: key).reversed() {
                _ = try await requests.approve(clone, with: key)
            }
            let state = try await requests.approve(id, with: key)
            if state == .applied { try await settle(requests.find(id).action) }
            return state
        } catch {
            throw Problem(error)
        }
    }

    /// The requests in clones, and in theirs, that are signed with that of an erasure.
    ///
    /// They are those of the same requester that need a signature now. What somebody else has hung onto a request is signed by itself or not at all.
    package func signedAlong(
        _ id: DecisionID,
        with key: OperatorKey
    ) async throws(Problem) -> [DecisionID] {
        do throws(StoreError) {
            let requester = try await requests.find(id).requester
            guard requester != key.id else { return [] }
            let register = ErasureRegister(pool: ledger.operators)
            var (signed, next) = ([DecisionID](), [id])
            while let id = next.popLast() {
                for clone in try await register.following(id)
                where [.requested, .approved].contains(clone.state) {
                    guard try await requests.find(clone.id).requester == requester else { continue }
                    next.append(clone.id)
                    if try await !register.isApproved(clone.id) { signed.append(clone.id) }
                }
            }
            return signed
        } catch {
            throw Problem(error)
        }
    }

    /// What the key store has to be told of a decision.
    private func settle(_ action: ApprovalAction) async throws(Problem) {
        if action == .readmission { try await liftBlocks() }
    }

    /// Lets readmitted subjects have keys again.
    func liftBlocks() async throws(Problem) {
        do {
            let readmitted = try await ErasureRegister(pool: ledger.executors).readmitted()
            guard !readmitted.isEmpty else { return }
            let check = try await ApprovalCheck(ledger)
            for (tenant, subject) in readmitted
            where try await check.isReadmitted(tenant, subject) {
                try await ledger.vault.readmit(tenant, subject)
            }
        } catch {
            throw Problem(error)
        }
    }

    /// Ends a request without doing it.
    package func refuse(_ id: DecisionID, ground: String) async throws(Problem) {
        do {
            let clones = try await ErasureRegister(pool: ledger.operators).following(id)
            for clone in clones where [.requested, .approved].contains(clone.state) {
                try await refuse(clone.id, ground: ground)
            }
            try await requests.refuse(id, ground: ground)
        } catch {
            throw Problem(error)
        }
    }

    /// Requests that wait for a signature, or all, newest first.
    package func list(waitingOnly: Bool) async throws(Problem) -> [DecisionRow] {
        do throws(StoreError) {
            return try await requests.list(waitingOnly: waitingOnly)
        } catch {
            throw Problem(error)
        }
    }

    // MARK: - Operators

    /// All operators, oldest first.
    package func operators() async throws(Problem) -> [OperatorRow] {
        do throws(StoreError) {
            return try await register.list()
        } catch {
            throw Problem(error)
        }
    }

    /// Adds an operator: at once while there are fewer than two, else by a request.
    ///
    /// - Returns: the operator's id, and the request that waits for a signature if one does.
    package func addOperator(
        _ key: Ed25519PublicKey,
        by requester: OperatorKey?
    ) async throws(Problem) -> (operator: OperatorID, request: DecisionID?) {
        do {
            if try await register.isFounding() {
                return (try await register.addFounder(key), nil)
            }
            let (id, state) = try await open(.addition(ledger.ownTenant, of: key), by: requester)
            return (OperatorID(of: key), state == .waiting ? id : nil)
        } catch {
            throw Problem(error)
        }
    }

    /// Asks for an operator's end.
    package func endOperator(
        _ id: OperatorID,
        by requester: OperatorKey?
    ) async throws(Problem) -> (id: DecisionID, state: DecisionState) {
        try await open(.end(ledger.ownTenant, of: id), by: requester)
    }
}
