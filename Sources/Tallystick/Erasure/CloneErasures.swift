// Erasures in a tenant reach its clones: each clone gets an erasure of its own, with its own signatures,
// that follows the one in its source. The one in the source is not purged before they are.

internal import TallyCore
internal import TallyPostgres
internal import TallyStore
internal import TallyVault

extension Erasures {
    /// The erasures that follow one in clones of its tenant, and in theirs.
    package func clones(_ id: DecisionID) async throws(Problem) -> [DecisionID] {
        do throws(StoreError) {
            var (clones, next) = ([DecisionID](), [id])
            while let id = next.popLast() {
                let following = try await register.following(id).map(\.id)
                clones += following
                next += following
            }
            return clones
        } catch {
            throw Problem(error)
        }
    }

    /// The clones of an erasure's tenant in which no erasure follows it.
    package func waitingClones(_ id: DecisionID) async throws(Problem) -> [TenantID] {
        do throws(StoreError) {
            let followed = try await register.following(id).map(\.tenant)
            return try await register.waitingClones(id).filter { !followed.contains($0) }
        } catch {
            throw Problem(error)
        }
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
        let erasure = try await find(id)
        try await require(subject, of: erasure)
        do {
            var requests: [DecisionID] = []
            for clone in try await waitingClones(id) {
                let tag = try await tag(subject, clone)
                let plan = DecisionPlan.erasure(
                    of: clone,
                    KeyScope(erasure.scope, of: tag),
                    ground: erasure.ground,
                    follows: id
                )
                let request = try await Decisions(ledger).open(plan, by: key)
                requests.append(request.id)
            }
            for child in try await register.following(id) {
                requests += try await spread(child.id, subject: subject, by: key)
            }
            return requests
        } catch {
            throw Problem(error)
        }
    }

    private func require(_ subject: String?, of erasure: ErasureRow) async throws(Problem) {
        let tag: BlindTag
        do {
            tag = try await self.tag(subject, erasure.tenant)
        } catch {
            throw Problem(error)
        }
        guard tag == erasure.scope.subjectTag else {
            throw Problem(
                .invalid,
                "the erasure is about another subject",
                hint: "name the one whom it is about, or none for a whole tenant"
            )
        }
    }

    private func tag(_ subject: String?, _ tenant: TenantID) async throws(VaultError) -> BlindTag {
        guard let subject else { return .zero }
        return try await ledger.vault.indexKey(tenant).tag(.subject, subject)
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
