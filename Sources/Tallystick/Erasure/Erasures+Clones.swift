// An erasure in the clones of its tenant.

public import TallyCore
public import TallyDecisions

extension Erasures {
    /// The erasures that follow one in clones of its tenant, and in theirs.
    public func clones(_ id: DecisionID) async throws(Problem) -> [DecisionID] {
        try await ErasureRequests(context).clones(id)
    }

    /// The clones of an erasure's tenant in which no erasure follows it.
    public func waitingClones(_ id: DecisionID) async throws(Problem) -> [TenantID] {
        try await ErasureRequests(context).waitingClones(id)
    }

    /// Asks for what an erasure still needs: one in each clone of its tenant, and in theirs.
    ///
    /// It is part of every request; called again it asks for what is missing.
    /// - Parameters:
    ///   - id: the erasure.
    ///   - subject: the subject's name, which no register has; `nil` for a tenant's erasure.
    ///   - key: the key of the operator who asks.
    /// - Returns: the new requests.
    /// - Throws: `invalid` for another subject than that of the erasure.
    public func spread(
        _ id: DecisionID,
        subject: String?,
        by key: OperatorKey?
    ) async throws(Problem) -> [DecisionID] {
        try await ErasureRequests(context).spread(id, subject: subject, by: key)
    }
}
