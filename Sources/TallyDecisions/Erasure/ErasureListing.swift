// Finds the events that hold a subject's parts, by the trail and without a scan. It happens between
// the fence and the destruction: the keys' names still say whose they are, and nothing new can
// come.

internal import TallyCore
internal import TallyPostgres
internal import TallyReplay
internal import TallyStore
internal import TallyVault

/// Lists the events of a fenced erasure.
struct ErasureListing: Sendable {
    let context: DecisionContext
    let transitions: ErasureTransitions

    /// How far the trail leads, and what it leaves out before that.
    private struct Trail: Sendable {
        let end: Int
        let skipped: [Int]
    }

    /// Notes every event before the fence that holds a part under a fenced key.
    ///
    /// The trail leads to those that it has applied; the rest of the log, and what an operator let
    /// the trail skip, is looked at event by event.
    func list(_ erasure: Erasure, page: Int) async throws(Problem) {
        _ = try await context.projections.catchUp(erasure.tenant, [BuiltInProjection.trail])
        let trail = try await trail(erasure.tenant)
        var last = -1
        while true {
            let found = try await tagged(erasure, last, before: trail.end, page)
            guard let newest = found.last else { break }
            try await transitions.listParts(erasure, found)
            last = newest
        }
        if !trail.skipped.isEmpty { try await transitions.listParts(erasure, trail.skipped) }
        let size = try await Session(pool: context.pools.readers).size(erasure.tenant)
        let end = min(erasure.fencePosition ?? 0, size)
        for start in stride(from: trail.end, to: end, by: page) {
            try await transitions.listParts(erasure, Array(start..<min(start + page, end)))
        }
    }

    private func trail(_ tenant: TenantID) async throws(Problem) -> Trail {
        try await Session(pool: context.pools.projectors).scoped(tenant, isSnapshot: true) {
            let name = BuiltInProjection.trail
            return Trail(
                end: try ProjectionProgress.read($0, tenant, name).position,
                skipped: try ProjectionStops.read($0, tenant, name).skipped.sorted()
            )
        }
    }

    private func tagged(
        _ erasure: Erasure,
        _ last: Int,
        before end: Int,
        _ page: Int
    ) async throws(Problem) -> [Int] {
        try await Session(pool: context.pools.projectors).scoped(erasure.tenant) { connection in
            let rows = try connection.query(
                """
                SELECT position FROM tally.event_tag
                WHERE slot = $1 AND tag = $2 AND position > $3 AND position < $4
                ORDER BY position LIMIT \(page)
                """,
                [
                    .integer(try connection.slot(of: erasure.tenant)),
                    .bytea(erasure.scope.subjectTag.bytes),
                    .bigint(Int64(clamping: last)), .bigint(Int64(clamping: end)),
                ]
            )
            return try (0..<rows.count).map { try rows.natural($0, 0) }
        }
    }
}
