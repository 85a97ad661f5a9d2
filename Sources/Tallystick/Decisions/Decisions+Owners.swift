// Owners of tenants' data: what they decide needs no operator of the ledger.

public import TallyCore
public import TallyDecisions

extension Decisions {
    /// All owners of a tenant's data, as its log names them, oldest first.
    public func owners(of tenant: Tenant) async throws(Problem) -> [Owner] {
        try await OwnerRequests(context).list(tenant.id)
    }

    /// Asks for an owner more: an owner's word is enough, or as many as the tenant wants.
    ///
    /// Asked for by an operator it replaces a lost owner: another operator signs, and
    /// ``recoverOwner(_:)`` carries it out after 72 hours, in which any owner can refuse it.
    /// - Parameters:
    ///   - key: the public key of a person, or of an agent such as the service that takes a
    ///     customer's "delete my data".
    ///   - actions: what it may decide: `subjectErasure`, `tenantErasure`, `ownerChange`. An agent
    ///     needs the first alone.
    ///   - tenant: whose data.
    ///   - requester: the key of an owner, or of an operator.
    /// - Returns: the request's id and what became of it.
    /// - Throws: `invalid` for the key of somebody who is or was an owner, or other actions.
    public func addOwner(
        _ key: SignerKey,
        deciding actions: [ApprovalAction] = [.subjectErasure, .tenantErasure, .ownerChange],
        of tenant: Tenant,
        by requester: OperatorKey
    ) async throws(Problem) -> (id: DecisionID, state: DecisionState) {
        try await OwnerRequests(context).add(key, actions, to: tenant.id, by: requester)
    }

    /// Asks for the end of an owner's term, which owners alone can.
    ///
    /// - Returns: the request's id and what became of it.
    /// - Throws: `forbidden` for an operator's key, and for the last owner who decides about
    ///   owners.
    public func endOwner(
        _ owner: OperatorID,
        of tenant: Tenant,
        by requester: OperatorKey
    ) async throws(Problem) -> (id: DecisionID, state: DecisionState) {
        try await OwnerRequests(context).end(owner, of: tenant.id, by: requester)
    }

    /// Carries out what two operators have decided about an owner, 72 hours after it was asked for.
    ///
    /// - Throws: `forbidden` while owners may refuse it, `approvalRequired` when no signature
    ///   counts any more.
    public func recoverOwner(_ request: DecisionID) async throws(Problem) {
        try await OwnerRequests(context).recover(request)
    }
}
