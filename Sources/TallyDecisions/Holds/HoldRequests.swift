// Legal holds, from the request on: while one is in force, nothing that it is about is erased.

package import TallyCore

/// Asks for holds and their ends.
package struct HoldRequests: Sendable {
    private let context: DecisionContext

    /// Works on a ledger's holds.
    package init(_ context: DecisionContext) {
        self.context = context
    }

    /// Asks for a legal hold on a subject, or on a whole tenant for no subject.
    ///
    /// - Throws: `invalid` for a review date that has passed.
    package func place(
        on subject: String?,
        of tenant: TenantID,
        reviewAt: Instant,
        by key: OperatorKey?
    ) async throws(Problem) -> (id: DecisionID, state: DecisionState) {
        guard reviewAt.micros > context.now else {
            throw Problem(
                .invalid,
                "the review date of a hold has passed",
                hint: "give a date to come"
            )
        }
        var tag = BlindTag.zero
        if let subject { tag = try await context.subjectTag(subject, of: tenant) }
        return try await DecisionRequests(context)
            .open(.hold(tenant, tag, reviewAt: reviewAt.micros), about: subject, by: key)
    }

    /// Asks for the end of a hold.
    ///
    /// - Throws: `notFound` for an id that is no hold's.
    package func release(
        _ id: DecisionID,
        by key: OperatorKey?
    ) async throws(Problem) -> (id: DecisionID, state: DecisionState) {
        guard let hold = try await list(inForceOnly: false).first(where: { $0.id == id }) else {
            throw Problem(.notFound, "no hold of that id", hint: "\(.listHolds) shows all")
        }
        return try await DecisionRequests(context).open(.release(hold.tenant, hold: id), by: key)
    }

    /// Holds that are in force, or all.
    package func list(inForceOnly: Bool) async throws(Problem) -> [Hold] {
        try await HoldRegister(pool: context.pools.operators).list(inForceOnly: inForceOnly)
    }
}
