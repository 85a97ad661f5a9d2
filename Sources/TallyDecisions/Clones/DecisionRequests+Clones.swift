// A decision about a tenant is one about its clones: what is signed or refused with a request.

package import TallyCore

extension DecisionRequests {
    /// The requests in clones, and in theirs, that are signed with that of an erasure.
    ///
    /// They are those of the same requester that need a signature now. What somebody else has hung
    /// onto a request is signed by itself or not at all.
    package func signedAlong(
        _ id: DecisionID,
        with key: OperatorKey
    ) async throws(Problem) -> [DecisionID] {
        let requester = try await find(id).requester
        guard requester != key.id else { return [] }
        let register = ErasureRegister(pool: context.pools.operators)
        var (signed, next) = ([DecisionID](), [id])
        while let id = next.popLast() {
            for clone in try await openInClones(id)
            where try await find(clone.id).requester == requester {
                next.append(clone.id)
                if try await !register.isApproved(clone) { signed.append(clone.id) }
            }
        }
        return signed
    }

    /// The erasures that follow one in clones of its tenant and have not begun.
    func openInClones(_ id: DecisionID) async throws(Problem) -> [Erasure] {
        try await ErasureRegister(pool: context.pools.operators).following(id)
            .filter { [.requested, .approved].contains($0.state) }
    }
}
