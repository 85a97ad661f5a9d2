// What every register and reader does in the database: as one role, in one transaction, for one
// tenant.

package import TallyCore
package import TallyPostgres

/// Work on connections of one role.
///
/// Row security shows a connection nobody's rows before it is scoped to a tenant; roles whose
/// functions look after themselves need no scope.
package struct Session: Sendable {
    private let pool: ConnectionPool

    /// Works on a pool's connections, all of one role.
    package init(pool: ConnectionPool) {
        self.pool = pool
    }

    /// Runs `body` on a connection.
    ///
    /// - Throws: a ``Problem``, whatever `body` throws.
    package func run<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws -> Value
    ) async throws(Problem) -> Value {
        do {
            return try await pool.withConnection(body)
        } catch {
            throw Problem(error)
        }
    }

    /// Runs `body` in a transaction whose row security shows one tenant only.
    ///
    /// - Parameters:
    ///   - tenant: whose rows it sees.
    ///   - isSnapshot: whether all statements of the transaction see the same state.
    ///   - table: a table that must stay the same one throughout.
    ///   - body: runs on the connection's thread.
    /// - Returns: what `body` returns.
    /// - Throws: a ``Problem``; the transaction is rolled back then.
    package func scoped<Value: Sendable>(
        _ tenant: TenantID,
        isSnapshot: Bool = false,
        locking table: String? = nil,
        _ body: @escaping @Sendable (Connection) throws -> Value
    ) async throws(Problem) -> Value {
        try await run { connection in
            try Self.scoped(connection, tenant, isSnapshot: isSnapshot, locking: table) {
                try body(connection)
            }
        }
    }

    /// As ``scoped(_:isSnapshot:locking:_:)``, but errors of `body` pass as they are.
    package func pinned<Value: Sendable>(
        _ tenant: TenantID,
        _ body: @escaping @Sendable (Connection) throws -> Value
    ) async throws -> Value {
        try await pool.withConnection { connection in
            try Self.scoped(connection, tenant) { try body(connection) }
        }
    }

    /// As ``pinned(_:_:)`` for role tally_table_reader, which sees the tables of projections alone
    /// and can look no slot up.
    package func tables<Value: Sendable>(
        of tenant: TenantID,
        _ body: @escaping @Sendable (Connection) throws -> Value
    ) async throws -> Value {
        try await pool.withConnection { connection in
            try connection.transaction {
                try connection.execute("SET LOCAL tally.tenant = '\(tenant.hex)'")
                return try body(connection)
            }
        }
    }

    static func scoped<Value>(
        _ connection: Connection,
        _ tenant: TenantID,
        isSnapshot: Bool = false,
        locking table: String? = nil,
        _ body: () throws -> Value
    ) throws -> Value {
        try connection.transaction {
            if isSnapshot {
                try connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            }
            // Before the snapshot is taken: no rebuild can exchange the table behind it then.
            if let table { try connection.execute("LOCK TABLE \(table) IN ACCESS SHARE MODE") }
            let slot = try connection.slot(of: tenant)
            try connection.execute(
                "SET LOCAL tally.tenant = '\(tenant.hex)'; SET LOCAL tally.slot = '\(slot)'"
            )
            return try body()
        }
    }
}
