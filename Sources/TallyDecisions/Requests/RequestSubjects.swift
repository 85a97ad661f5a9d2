// The subject's name beside a request: so that whoever is asked to sign sees whom it is about, and
// can compute the plan's tag from it.

package import TallyCore
internal import TallyCrypto
internal import TallyStore
internal import TallyVault

/// Seals and opens the names of requests' subjects.
package struct RequestSubjects: Sendable {
    private let context: DecisionContext

    /// Uses a ledger's keys.
    package init(_ context: DecisionContext) {
        self.context = context
    }

    func seal(
        _ subject: String?,
        _ tenant: TenantID,
        _ request: DecisionID
    ) async throws(Problem) -> [UInt8]? {
        guard let subject else { return nil }
        return try await NameSeal(vault: context.vault, tenant: tenant)
            .seal(RequestSubject.encode(subject)) { associated(tenant, request, $0) }
    }

    /// The name that a request came with, if its tag is the one in the plan.
    ///
    /// - Throws: `alteredRegister` when it is the name of somebody else.
    package func name(of row: DecisionRequest) async throws(Problem) -> String? {
        guard let sealed = row.subjectSealed,
            let tag = (try? JSONReader.parse(row.plan))?.objectValue?["subject_tag"]?.bytes
        else { return nil }
        let bytes = try await NameSeal(vault: context.vault, tenant: row.tenant)
            .open(sealed) { associated(row.tenant, row.id, $0) }
        guard let name = bytes.flatMap({ try? RequestSubject.decode($0) }) else { return nil }
        guard try await context.subjectTag(name, of: row.tenant).bytes == tag else {
            throw Problem(
                .alteredRegister,
                "request \(row.id.hex) names another subject than its plan has",
                hint: "sign nothing: run \(.verify), and find out who has changed the database"
            )
        }
        return name
    }

    private func associated(
        _ tenant: TenantID,
        _ request: DecisionID,
        _ key: KeyID
    ) -> [UInt8] {
        RequestSubject.associated(
            ledger: context.row.id,
            tenant: tenant,
            request: request,
            keyID: key
        )
    }
}
