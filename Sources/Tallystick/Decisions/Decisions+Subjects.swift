// Decisions about people besides their erasure: holds that suspend it, and the way back.

public import TallyCore
internal import TallyPostgres
internal import TallyStore
internal import TallyVault

extension Decisions {
    /// Asks for a legal hold on a subject, or on a whole tenant for no subject.
    ///
    /// - Parameters:
    ///   - subject: the subject's name, `nil` for the tenant.
    ///   - tenant: whose subject.
    ///   - reviewAt: when somebody must look at it again; it must be to come.
    ///   - key: the key of the operator who asks.
    /// - Returns: the hold's id and what became of the request.
    /// - Throws: `invalid` for a time that has passed.
    public func placeHold(
        on subject: String?,
        of tenant: Tenant,
        reviewAt: Instant,
        by key: OperatorKey?
    ) async throws(Problem) -> (id: DecisionID, state: DecisionState) {
        try await HoldRequests(context).place(
            on: subject,
            of: tenant.id,
            reviewAt: reviewAt,
            by: key
        )
    }

    /// Asks for the end of a hold.
    ///
    /// - Throws: `notFound` for an id that is no hold's.
    public func releaseHold(
        _ id: DecisionID,
        by key: OperatorKey?
    ) async throws(Problem) -> (id: DecisionID, state: DecisionState) {
        try await HoldRequests(context).release(id, by: key)
    }

    /// Holds that are in force, or all.
    public func holds(inForceOnly: Bool) async throws(Problem) -> [Hold] {
        try await HoldRequests(context).list(inForceOnly: inForceOnly)
    }

    /// Asks that an erased subject may be recorded again, under new keys.
    ///
    /// - Throws: `notFound` when the subject was never erased.
    public func readmit(
        _ subject: String,
        to tenant: Tenant,
        by key: OperatorKey?
    ) async throws(Problem) -> (id: DecisionID, state: DecisionState) {
        try await Readmissions(context).request(subject, to: tenant.id, by: key)
    }
}
