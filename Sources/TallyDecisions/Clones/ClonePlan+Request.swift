// Asks for what a plan of a clone says; another operator has to approve it.

package import TallyCore

extension ClonePlan {
    /// Records a request of this plan.
    ///
    /// - Throws: `approvalRequired` without a key that is needed.
    package func request(
        _ context: DecisionContext,
        by key: OperatorKey?
    ) async throws(Problem) -> (id: DecisionID, state: DecisionState) {
        try await DecisionRequests(context).open(decision(), by: key)
    }
}
