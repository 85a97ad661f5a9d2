// Decisions about people besides their erasure: holds that suspend it, and the way back.

package import TallyCore
internal import TallyPostgres
package import TallyStore
internal import TallyVault

extension Decisions {
    /// Asks for a legal hold on a subject, or on a whole tenant for no subject.
    ///
    /// - Parameters:
    ///   - subject: the subject's name, `nil` for the tenant.
    ///   - tenant: whose subject.
    ///   - reviewAt: when somebody must look at it again, µs since 1970 and to come.
    ///   - key: the key of the operator who asks.
    /// - Returns: the hold's id and what became of the request.
    /// - Throws: `invalid` for a time that has passed.
    package func placeHold(
        on subject: String?,
        of tenant: Tenant,
        reviewAt: UInt64,
        by key: OperatorKey?
    ) async throws(Problem) -> (id: DecisionID, state: DecisionState) {
        guard reviewAt > ledger.configuration.clock() else {
            throw Problem(
                .invalid,
                "the review date of a hold has passed",
                hint: "give a date to come"
            )
        }
        var tag = BlindTag.zero
        if let subject { tag = try await ledger.subjectTag(subject, of: tenant) }
        return try await open(.hold(tenant.id, tag, reviewAt: reviewAt), by: key)
    }

    /// Asks for the end of a hold.
    package func releaseHold(
        _ id: DecisionID,
        by key: OperatorKey?
    ) async throws(Problem) -> (id: DecisionID, state: DecisionState) {
        guard let hold = try await holds(inForceOnly: false).first(where: { $0.id == id }) else {
            throw Problem(.notFound, "no hold of that id", hint: "tally hold list shows all")
        }
        return try await open(.release(hold.tenant, hold: id), by: key)
    }

    /// Holds that are in force, or all.
    package func holds(inForceOnly: Bool) async throws(Problem) -> [HoldRow] {
        do throws(StoreError) {
            return try await HoldRegister(pool: ledger.operators).list(inForceOnly: inForceOnly)
        } catch {
            throw Problem(error)
        }
    }

    /// Asks that an erased subject may be recorded again, under new keys.
    ///
    /// - Throws: `notFound` when the subject was never erased.
    package func readmit(
        _ subject: String,
        to tenant: Tenant,
        by key: OperatorKey?
    ) async throws(Problem) -> (id: DecisionID, state: DecisionState) {
        let tag = try await ledger.subjectTag(subject, of: tenant)
        let erasure = try await Erasures(ledger).list(tenant)
            .first { $0.scope.subjectTag == tag && $0.fencedAt != nil }
        guard let erasure else {
            throw Problem(
                .notFound,
                "the subject was not erased",
                hint: "it can be recorded without a readmission"
            )
        }
        return try await open(.readmission(tenant.id, erasure: erasure.id), by: key)
    }
}
