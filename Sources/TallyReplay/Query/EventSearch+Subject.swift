// The first events of a subject by its tag alone, where nobody knows the name.

package import TallyCore
package import TallyStore

extension EventSearch {
    /// Up to `count` of the first events that the trail has under a subject's tag, opened.
    ///
    /// - Throws: what reading throws.
    /// - Complexity: O(`count`).
    package func first(
        _ count: Int,
        of tag: BlindTag,
        in tenant: TenantID
    ) async throws(Problem) -> [OpenedEvent] {
        let rows = try await reader.scoped(tenant, locking: "tally.event_tag") { connection in
            let positions = try QueryGroups(tag).positions(connection, tenant, 0..<Int.max, count)
            return try Session.events(connection, tenant, at: positions)
        }
        return try await opener.open(rows, of: tenant)
    }
}
