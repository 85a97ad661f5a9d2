// Who becomes an operator, and whose term ends: the first two by themselves, then by decision.

package import TallyCore

/// Asks for changes of the register of operators.
package struct OperatorRequests: Sendable {
    private let context: DecisionContext
    private let register: OperatorRegister

    /// Works on a ledger's operators.
    package init(_ context: DecisionContext) {
        self.context = context
        register = OperatorRegister(pool: context.pools.operators)
    }

    /// All operators, oldest first.
    package func list() async throws(Problem) -> [Operator] {
        try await register.list()
    }

    /// Adds an operator, or another key of one: at once while there are fewer than two people, else
    /// by a request.
    ///
    /// - Throws: `invalid` for the key of somebody who is or was an operator.
    package func add(
        _ key: SignerKey,
        person: OperatorID?,
        by requester: OperatorKey?
    ) async throws(Problem) -> (operator: OperatorID, request: DecisionID?) {
        if try await register.isFounding() {
            return (try await register.addFounder(key, person: person), nil)
        }
        let plan = DecisionPlan.addition(context.ownTenant, of: key, person: person)
        let (id, state) = try await DecisionRequests(context).open(plan, by: requester)
        return (OperatorID(of: key), state == .waiting ? id : nil)
    }

    /// Asks for the end of an operator's term.
    package func end(
        _ id: OperatorID,
        by requester: OperatorKey?
    ) async throws(Problem) -> (id: DecisionID, state: DecisionState) {
        try await DecisionRequests(context).open(.end(context.ownTenant, of: id), by: requester)
    }
}
