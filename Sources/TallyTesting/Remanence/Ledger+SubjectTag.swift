// The tags behind subjects' names, which tests look for in tables.

package import TallyCore
internal import TallyDecisions
package import Tallystick

extension Ledger {
    /// The blind tag of a subject's name.
    package func subjectTag(
        _ subject: String,
        of tenant: Tenant
    ) async throws(Problem) -> BlindTag {
        try await decisionContext.subjectTag(subject, of: tenant.id)
    }
}
