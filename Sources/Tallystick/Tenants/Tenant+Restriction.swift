// Restriction of processing (GDPR Art. 18): who orders it, and what background work asks.

public import TallyCore
public import TallyStore

extension Tenant {
    /// Whether background work may be done with the tenant's data now.
    ///
    /// Ask before each piece of work that nobody waits for: mailings, scoring, reports, training.
    /// What a person asks for, reading and export among it, needs no permission.
    ///
    /// - Returns: `false` while the tenant is restricted, and for good once it is erased.
    public func allowsBackgroundWork() async throws(Problem) -> Bool {
        let row = try await ledger.registry.find(name)
        guard row.state != TenantState.erased.rawValue else { return false }
        return try await ledger.registry.level(of: id) == nil
    }

    /// Restricts the tenant's processing until ``thaw()``; reading and export go on.
    ///
    /// - Parameter level: whether appends with a ``ProcessingPurpose`` go on.
    /// - Returns: the position of the event that says so; `nil` when it was so already.
    /// - Throws: `erased` for a tenant that was erased.
    public func freeze(_ level: FreezeLevel = .restricted) async throws(Problem) -> Int? {
        try await ledger.registry.freeze(id, level)
    }

    /// Lifts a restriction.
    ///
    /// - Returns: the position of the event that says so; `nil` when there was none.
    public func thaw() async throws(Problem) -> Int? {
        try await ledger.registry.thaw(id)
    }
}
