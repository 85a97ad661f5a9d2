// Restriction of processing (GDPR Art. 18), as background work sees it.

internal import TallyStore

extension Tenant {
    /// Asks whether background work may be done with the tenant's data now.
    ///
    /// Ask before each piece of work that nobody waits for: mailings, scoring, reports, training. What
    /// a person asks for, reading and export among it, needs no permit.
    ///
    /// - Throws: `frozen` while the tenant is restricted: do nothing, and ask again later; `erased`
    ///   once there is nothing left to work on.
    public func permit() async throws(Problem) {
        do throws(StoreError) {
            let row = try await ledger.registry.find(name)
            guard row.state != 2 else {
                throw StoreError(
                    .erased,
                    "the tenant was erased",
                    hint: "take it off the list of your jobs"
                )
            }
            guard try await ledger.registry.level(of: id) == nil else {
                throw StoreError(
                    .frozen,
                    "the tenant's processing is restricted",
                    hint: "leave this job out, and ask again later"
                )
            }
        } catch {
            throw Problem(error)
        }
    }
}
