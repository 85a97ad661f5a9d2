// How far a decision goes: what an approver sees beside the plan, counted now.

package import TallyCore
internal import TallyStore

/// What an erasure would reach if it were run now.
public struct DecisionReach: Sendable, Equatable {
    /// Sealed sections of the subject that can still be opened.
    public let parts: Int
    /// The streams that they are in.
    public let streams: Int
    /// Clones of the tenant that it goes to as well.
    public let clones: Int
    /// What stays, because it is sealed under the tenant's key or not at all.
    public let stays: [String]
}

extension DecisionRequests {
    /// A request as it can be signed elsewhere, with the names that belong to it.
    ///
    /// - Throws: `alteredRegister` when the name beside it is not that of its plan's subject.
    package func toSign(_ id: DecisionID) async throws(Problem) -> SigningRequest {
        let row = try await find(id)
        _ = try await context.logs.read(row.tenant, context, context.pools.operators)
        let tenant = try await context.registry.list().first { $0.id == row.tenant }
        var name: String?
        if let tenant { name = try await context.registry.name(of: tenant) }
        return SigningRequest(
            ApprovalDraft(row, ledger: context.row.id),
            tenantName: name ?? row.tenant.hex,
            subject: try await RequestSubjects(context).name(of: row)
        )
    }

    /// How far a subject's erasure goes; `nil` for other requests, and where its name is not known.
    ///
    /// - Complexity: O(events with the subject).
    package func reach(of request: SigningRequest) async throws(Problem) -> DecisionReach? {
        guard request.draft.action == .subjectErasure, let subject = request.subject else {
            return nil
        }
        let sections = try await SubjectSearch(context)
            .sections(of: subject, in: request.draft.tenant)
        return DecisionReach(
            parts: sections.count,
            streams: Set(sections.map(\.stream)).count,
            clones: try await ErasureRequests(context).clones(request.id).count,
            stays: CertificateBuilder.subjectResidue
        )
    }
}
