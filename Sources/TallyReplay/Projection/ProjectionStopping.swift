// What an operator does about an event that stops a projection.

package import TallyCore
package import TallyPostgres
internal import TallyStore

/// Retries and skips events.
package struct ProjectionStopping: Sendable {
    private let projectors: Session

    /// Works with connections of role tally_projector.
    package init(projectors: ConnectionPool) {
        self.projectors = Session(pool: projectors)
    }

    /// Forgets what stopped a projection; gives how many events that were.
    package func retry(_ tenant: TenantID, _ name: String) async throws(Problem) -> Int {
        try await projectors.scoped(tenant) { connection in
            Int(
                try connection.query(
                    "SELECT tally.retry_dead_letters($1, $2)",
                    [.integer(try connection.slot(of: tenant)), .text(name)]
                ).integer(0, 0)
            )
        }
    }

    /// Lets a projection leave an event out.
    ///
    /// The event that says so is recorded first, so that nothing is ever left out silently.
    /// - Parameters:
    ///   - tenant: whose event.
    ///   - name: the projection.
    ///   - position: the event's position.
    ///   - reason: a reference, 1 to 64 letters, digits and `. _ : / # -`.
    ///   - operators: connections of role tally_operator.
    /// - Returns: the position of the event that says so.
    /// - Throws: `invalid` for a reason of another form.
    package func skip(
        _ tenant: TenantID,
        _ name: String,
        _ position: Int,
        reason: String,
        operators: ConnectionPool
    ) async throws(Problem) -> Int {
        let event = try await Self.record(
            "skip",
            tenant,
            name,
            position,
            reason: reason,
            operators: operators
        )
        try await projectors.scoped(tenant) { connection in
            _ = try connection.query(
                "SELECT tally.skip_dead_letter($1, $2, $3, $4)",
                [
                    .integer(try connection.slot(of: tenant)), .text(name),
                    .bigint(Int64(clamping: position)), .bigint(Int64(clamping: event)),
                ]
            )
        }
        return event
    }

    /// Records that an operator skips an event, or takes that back; gives that event's position.
    static func record(
        _ action: String,
        _ tenant: TenantID,
        _ name: String,
        _ position: Int,
        reason: String,
        operators: ConnectionPool
    ) async throws(Problem) -> Int {
        try await Session(pool: operators).run { connection in
            try connection.query(
                "SELECT tally.record_skip($1, $2, $3, $4, $5, $6)",
                [
                    .integer(try connection.slot(of: tenant)), .text(name),
                    .bigint(Int64(clamping: position)), .uuid(EventID.zero.bytes), .text(reason),
                    .text(action),
                ]
            ).natural(0, 0)
        }
    }

    /// Forgets a projection of the application, so that no erasure waits for it.
    ///
    /// - Parameters:
    ///   - name: the projection.
    ///   - operators: connections of role tally_operator.
    /// - Throws: `notFound` when there is none of that name, `refused` for a built-in one.
    package static func remove(
        _ name: String,
        operators: ConnectionPool
    ) async throws(Problem) {
        try await Session(pool: operators).run { connection in
            _ = try connection.query("SELECT tally.remove_projection($1)", [.text(name)])
        }
    }
}
