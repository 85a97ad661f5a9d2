// How far a projection has come with one tenant, as lists show it.

public import TallyCore

/// An event that holds a projection of a tenant up.
public struct ProjectionStop: Sendable, Equatable {
    /// The event's position.
    public let position: Int
    /// Why it cannot be applied, without content.
    public let reason: String

    package init(position: Int, reason: String) {
        self.position = position
        self.reason = reason
    }
}

/// One tenant's place in a projection.
public struct TenantProgress: Sendable {
    /// Whose it is.
    public let tenant: TenantID
    /// The tenant's permanent ordinal.
    public let slot: Int
    /// The events that there are.
    public let size: Int
    /// The events that were applied.
    public let position: Int
    /// The event that holds it up.
    public let stop: ProjectionStop?
}
