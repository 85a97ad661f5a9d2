// Asks for what a plan says; another operator has to approve it.

package import TallyCore

extension RestorePlan {
    /// Records a request of this plan.
    ///
    /// - Throws: `approvalRequired` without a key that is needed, `invalid` for a plan without
    ///   steps.
    package func request(
        _ context: DecisionContext,
        by key: OperatorKey?
    ) async throws(Problem) -> (id: DecisionID, state: DecisionState) {
        guard !steps.isEmpty else {
            throw Problem(
                .invalid,
                "there is nothing to restore: no document would change",
                hint: "\(.differences) shows what changed since a moment"
            )
        }
        return try await DecisionRequests(context).open(decision(), by: key)
    }
}
