// Who becomes an owner of a tenant's data, and whose term ends: decided by owners. A lost one is
// replaced by two operators, after 72 hours in which anybody can refuse it.

package import TallyCore
internal import TallyPostgres
internal import TallyStore

/// Asks for changes of a tenant's owners.
package struct OwnerRequests: Sendable {
    private let context: DecisionContext

    /// Works on a ledger's owners.
    package init(_ context: DecisionContext) {
        self.context = context
    }

    /// All owners of a tenant, as its log names them, oldest first.
    package func list(_ tenant: TenantID) async throws(Problem) -> [Owner] {
        try await context.logs.read(tenant, context, context.pools.operators).fold.owners.terms
            .map { Owner($0.key, $0.value) }
            .sorted { ($0.addedAt, $0.id) < ($1.addedAt, $1.id) }
    }

    /// Asks for an owner more: done at once where an owner asks and no other must sign, else when
    /// the signatures are there; what operators ask for waits for ``recover(_:)``.
    ///
    /// - Throws: `invalid` for the key of somebody who is or was an owner, or no actions.
    package func add(
        _ key: SignerKey,
        _ actions: [ApprovalAction],
        to tenant: TenantID,
        by requester: OperatorKey?
    ) async throws(Problem) -> (id: DecisionID, state: DecisionState) {
        try await DecisionRequests(context)
            .open(.ownerAddition(tenant, of: key, Set(actions)), by: requester)
    }

    /// Asks for the end of an owner's term; owners alone can.
    ///
    /// - Throws: `forbidden` for the last one who decides about owners.
    package func end(
        _ owner: OperatorID,
        of tenant: TenantID,
        by requester: OperatorKey
    ) async throws(Problem) -> (id: DecisionID, state: DecisionState) {
        let log = try await context.logs.read(tenant, context, context.pools.operators)
        guard log.fold.owners.include(requester.id, .ownerChange, at: context.now) else {
            throw Problem(
                .forbidden,
                "owners are ended by owners, and by those who decide about them",
                hint: "\(.listOwners) shows who does"
            )
        }
        return try await DecisionRequests(context)
            .open(.ownerEnd(tenant, of: owner), by: requester)
    }

    /// Carries out what two operators have decided about an owner, 72 hours after it was asked for.
    ///
    /// - Throws: `forbidden` while owners may refuse it, `approvalRequired` when no signature
    ///   counts any more.
    package func recover(_ request: DecisionID) async throws(Problem) {
        let row = try await DecisionRequests(context).find(request)
        _ = try await ApprovalCheck(context, of: row.tenant)
            .signedRequest(request, [.ownerChange], isNew: true)
        try await Session(pool: context.pools.operators).run { connection in
            _ = try connection.query(
                "SELECT tally.recover_owner($1, $2)",
                [.integer(try connection.slot(of: row.tenant)), .uuid(request.bytes)]
            )
        }
    }
}
