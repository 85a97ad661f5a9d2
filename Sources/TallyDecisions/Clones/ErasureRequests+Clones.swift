// Erasures in a tenant reach its clones: each clone gets an erasure of its own, with its own
// signatures, that follows the one in its source. The one in the source is not purged before they
// are.

package import TallyCore
internal import TallyVault

extension ErasureRequests {
    /// The erasures that follow one in clones of its tenant, and in theirs.
    package func clones(_ id: DecisionID) async throws(Problem) -> [DecisionID] {
        var (clones, next) = ([DecisionID](), [id])
        while let id = next.popLast() {
            let following = try await register.following(id).map(\.id)
            clones += following
            next += following
        }
        return clones
    }

    /// The clones of an erasure's tenant in which no erasure follows it.
    package func waitingClones(_ id: DecisionID) async throws(Problem) -> [TenantID] {
        let followed = try await register.following(id).map(\.tenant)
        return try await register.waitingClones(id).filter { !followed.contains($0) }
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
    package func spread(
        _ id: DecisionID,
        subject: String?,
        by key: OperatorKey?
    ) async throws(Problem) -> [DecisionID] {
        let erasure = try await register.find(id)
        try await require(subject, of: erasure)
        try await context.requireClones(of: erasure.tenant, context.pools.operators)
        var requests: [DecisionID] = []
        for clone in try await waitingClones(id) {
            let plan = DecisionPlan.erasure(
                of: clone,
                KeyScope(erasure.scope, of: try await tag(subject, clone)),
                ground: erasure.ground,
                follows: id,
                notBefore: try await notBefore(erasure, in: clone, key)
            )
            requests.append(
                try await DecisionRequests(context).open(plan, about: subject, by: key).id
            )
        }
        for child in try await register.following(id) {
            requests += try await spread(child.id, subject: subject, by: key)
        }
        return requests
    }

    /// An owner of the clone waits there as long as in its source, and never for less than may be.
    private func notBefore(
        _ erasure: Erasure,
        in clone: TenantID,
        _ key: OperatorKey?
    ) async throws(Problem) -> UInt64? {
        guard let time = erasure.notBefore, try await waits(clone, key) else { return nil }
        return max(time.micros, context.now + Self.shortestWait)
    }

    /// 72 hours, and a minute for clocks that differ.
    private static let shortestWait: UInt64 = (72 * 3600 + 60) * 1_000_000

    private func require(_ subject: String?, of erasure: Erasure) async throws(Problem) {
        let tag = try await tag(subject, erasure.tenant)
        guard tag == erasure.scope.subjectTag else {
            throw Problem(
                .invalid,
                "the erasure is about another subject",
                hint: "name the one whom it is about, or none for a whole tenant"
            )
        }
    }

    private func tag(_ subject: String?, _ tenant: TenantID) async throws(Problem) -> BlindTag {
        guard let subject else { return .zero }
        return try await context.subjectTag(subject, of: tenant)
    }
}

extension KeyScope {
    /// The same retention classes of a subject by another tag.
    fileprivate init(_ other: KeyScope, of tag: BlindTag) {
        self.init(
            subject: tag,
            classes: other.classes == [Self.everyClass] ? nil : other.classes
        )
    }
}
