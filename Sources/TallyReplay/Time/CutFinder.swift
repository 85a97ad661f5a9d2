// From a moment to the position that it means.

package import TallyCore
package import TallyPostgres
internal import TallyStore

/// Finds cuts in tenants' logs.
package struct CutFinder: Sendable {
    private let reader: Session

    /// Reads through connections of role tally_reader.
    package init(pool: ConnectionPool) {
        reader = Session(pool: pool)
    }

    /// The cut that a moment means.
    ///
    /// A time is closed first, so that no later event can be recorded at or before it.
    /// - Throws: `invalid` for a time that has not passed, `notFound` for an event or position that
    ///   is not there.
    /// - Complexity: about log2(n) look-ups for a time, a scan of the log for an event's id.
    package func cut(_ tenant: TenantID, at moment: Moment) async throws(Problem) -> Cut {
        switch moment {
        case .time(let time): return try await cut(tenant, time.micros)
        case .position(let position):
            guard (0..<Int.max).contains(position) else {
                throw Self.notFound("event \(position)")
            }
            let cut = try await cut(tenant, size: position + 1)
            guard cut.newest != nil else { throw Self.notFound("event \(position)") }
            return cut
        case .event(let id): return try await cut(tenant, size: find(id, tenant) + 1)
        case .beforeEvent(let id): return try await cut(tenant, size: find(id, tenant))
        }
    }

    private func cut(_ tenant: TenantID, _ time: UInt64) async throws(Problem) -> Cut {
        guard let time = Int64(exactly: time) else { throw Self.future }
        try await reader.run { try Self.close(tenant, time, $0) }
        let size = try await reader.scoped(tenant) { connection in
            try connection.query(
                "SELECT tally.cut_at($1, $2)",
                [.integer(try connection.slot(of: tenant)), .bigint(time)]
            ).natural(0, 0)
        }
        let cut = try await cut(tenant, size: size)
        return Cut(size: cut.size, newest: cut.newest, closedThrough: UInt64(time))
    }

    /// Promises that nothing will be recorded at or before a time; a standby can only see whether
    /// that was promised, or something later recorded.
    private static func close(
        _ tenant: TenantID,
        _ time: Int64,
        _ connection: Connection
    ) throws {
        guard connection.isReadOnly else {
            _ = try connection.query(
                "SELECT tally.close_through($1, $2)",
                [.integer(try connection.slot(of: tenant)), .bigint(time)]
            )
            return
        }
        let rows = try connection.query(
            "SELECT greatest(recorded_at, closed_through) FROM tally.head WHERE slot = $1",
            [.integer(try connection.slot(of: tenant))]
        )
        guard rows.count == 1, try rows.integer(0, 0) >= time else { throw openTime }
    }

    private func cut(_ tenant: TenantID, size: Int) async throws(Problem) -> Cut {
        guard size > 0 else { return Cut(size: 0, newest: nil, closedThrough: nil) }
        let newest = try await reader.events(tenant, size - 1..<size).first
        return Cut(size: size, newest: newest, closedThrough: nil)
    }

    /// The position of the event with an id, 32 hexadecimal digits.
    ///
    /// - Throws: `notFound` when the tenant has none.
    /// - Complexity: a scan of the log, which has no index for ids.
    package func find(_ id: String, _ tenant: TenantID) async throws(Problem) -> Int {
        let event = EventID(id) ?? .zero
        let position = try await reader.scoped(tenant) { connection in
            let rows = try connection.query(
                "SELECT tally.find_event($1, $2)",
                [.integer(try connection.slot(of: tenant)), .uuid(event.bytes)]
            )
            return rows.isNull(0, 0) ? nil : try rows.natural(0, 0)
        }
        guard let position else { throw Self.notFound("event \(id)") }
        return position
    }

    private static func notFound(_ what: String) -> Problem {
        Problem(
            .notFound,
            "the tenant has no \(what)",
            hint: "\(.showTenant) says how many events there are"
        )
    }

    private static let openTime = Problem(
        .unavailable,
        "this server is a standby, where no event says yet that the time is over",
        hint: "ask the primary, which can close it, or give a position"
    )
    private static let future = Problem(
        .invalid,
        "a time that has not passed",
        hint: "give a time of the past, in UTC"
    )
}
