// Queries for kinds that only the ledger writes: they have no tags, and are found by an index of
// their own.

internal import TallyCore
internal import TallyPostgres
internal import TallyStore

extension EventSearch {
    /// Finds events of the ledger's own.
    func collectOwn(_ search: inout Search) async throws(Problem) {
        let (tenant, bound) = (search.tenant, search.end)
        var kinds = ArrayColumn(.integer)
        for kind in search.query.kinds { kinds.append(Int32(kind.rawValue)) }
        let wantedKinds = Parameter(kinds)
        while search.next < bound, !search.isFull {
            let (start, wanted) = (search.next, search.wanted)
            let found = try await reader.scoped(tenant, isSnapshot: true) { connection in
                let rows = try connection.query(
                    "SELECT * FROM tally.own_positions($1, $2, $3, $4, $5)",
                    [
                        .integer(try connection.slot(of: tenant)), .bigint(Int64(start)),
                        .bigint(Int64(bound)), .integer(Int32(wanted)), wantedKinds,
                    ]
                )
                let positions = try (0..<rows.count).map { try rows.natural($0, 0) }
                let events = try Session.events(connection, tenant, at: positions)
                return Found(positions, events, end: bound, isLast: positions.count < wanted)
            }
            _ = try await take(found, &search)
        }
    }
}
