// One tenant of a ledger: where callers append and read.

public import TallyCore

/// A tenant: its events, in one order of their own, and what they add up to.
public struct Tenant: Sendable, Identifiable {
    package let ledger: Ledger
    /// The name it was found by.
    public let name: String
    /// Random, and never derived from the name.
    public let id: TenantID

    package init(ledger: Ledger, name: String, id: TenantID) {
        self.ledger = ledger
        self.name = name
        self.id = id
    }
}
