// A legal hold as the register has it.

public import TallyCore

/// A legal hold: what it covers cannot be erased while it is in force.
public struct Hold: Sendable, Identifiable {
    /// The id of the decision request that placed it.
    public let id: DecisionID
    /// Whose subject, or which tenant.
    public let tenant: TenantID
    /// The subject's blind tag; zeros for the whole tenant.
    package let tag: BlindTag
    /// When somebody must look at it again.
    public let reviewAt: Instant
    /// When it came into force.
    public let placedAt: Instant
    /// When it was released; `nil` while it is in force.
    public let releasedAt: Instant?

    /// The subject's blind tag, which gives no name away; `nil` for the whole tenant.
    public var subjectTag: String? { tag == .zero ? nil : tag.hex }
}
