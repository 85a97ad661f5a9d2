// What an erasure has taken from a tenant's log, as every projection is told it.

package import TallyCore

/// An erasure whose parts are gone from the log.
package struct Erased: Sendable {
    /// The erasure's id.
    package let id: DecisionID
    package let tenant: TenantID
    /// The subject's blind tag; zeros for the whole tenant.
    package let subjectTag: BlindTag
    /// Whether all of the subject's retention classes were erased.
    package let isWholeSubject: Bool

    /// Whether nothing of the tenant is left.
    package var isTenant: Bool { subjectTag == .zero }
}
