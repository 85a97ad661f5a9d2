// Whether every clone of a tenant is known to be one: an erasure reaches those that the table of
// tenants names, and their genesis events say which there are.

internal import TallyCore
internal import TallyPostgres
internal import TallyStore
internal import TallyVault

extension DecisionContext {
    /// Requires that the table of tenants has those clones of a tenant that their genesis events
    /// name.
    ///
    /// - Parameters:
    ///   - tenant: the source.
    ///   - pool: connections of role tally_operator or tally_executor.
    /// - Throws: `alteredRegister` where it lacks one, or has one more.
    /// - Complexity: O(tenants) index look-ups.
    func requireClones(of tenant: TenantID, _ pool: ConnectionPool) async throws(Problem) {
        let altered: TenantID? = try await Session(pool: pool).run { connection in
            try connection.query(
                """
                SELECT coalesce(c.id, t.tenant_id) AS id FROM tally.clones_of($1) c (id)
                FULL JOIN (SELECT tenant_id FROM tally.tenant WHERE source = $2) t
                    ON t.tenant_id = c.id
                WHERE c.id IS NULL OR t.tenant_id IS NULL LIMIT 1
                """,
                [.integer(try connection.slot(of: tenant)), .uuid(tenant.bytes)]
            ).first?["id"].id()
        }
        guard let altered else { return }
        throw Problem(
            .alteredRegister,
            "altered register: tenant \(altered.hex): source differs from its genesis event",
            hint: "nothing is done that would leave a clone out, or take in another tenant: run "
                + "\(.verify)"
        )
    }
}
