// Both databases must have the schema that this build was made for.

public import TallyCore
internal import TallyPostgres
public import TallyStore

/// Compares, installs and upgrades the schemas of a ledger's two databases.
///
/// ```swift
/// try await LedgerSchema.migrate(configuration) { print("\($0): \($1.name)") }
/// ```
public enum LedgerSchema {
    /// What both databases have of this build's schema, and what they lack; changes nothing.
    ///
    /// - Throws: `unavailable` when one cannot be reached.
    public static func status(
        _ configuration: LedgerConfiguration
    ) async throws(Problem) -> [(target: SchemaTarget, status: SchemaStatus)] {
        try await each(configuration) { try SchemaStatus(of: $1, on: $0) }
            .map { (target: $0, status: $1) }
    }

    /// Takes the steps that are missing; where somebody holds a lock, for a minute each.
    ///
    /// - Parameters:
    ///   - configuration: where both databases are.
    ///   - again: whether functions, rights and guards are installed again in any case.
    ///   - report: is told each step before it is taken.
    /// - Throws: `misconfigured` when a database is newer than this build or was not made by an
    ///   earlier one; `unavailable` with the sessions that were in the way.
    public static func migrate(
        _ configuration: LedgerConfiguration,
        again: Bool = false,
        report: @escaping @Sendable (SchemaTarget, SchemaStep) -> Void = { _, _ in }
    ) async throws(Problem) {
        let found = try await each(configuration) { connection, target in
            try Migrator(target, on: connection) { report(target, $0) }.run(again: again)
        }
        for (target, status) in found { try require(status, target) }
    }

    /// Installs both schemas for a ledger that there is not yet, and requires those of one that
    /// there is.
    ///
    /// The key store of a ledger may have been lost, and begins with an empty database then.
    static func install(
        _ configuration: LedgerConfiguration,
        isFounded: Bool
    ) async throws(Problem) {
        let found = try await each(configuration) { connection, target in
            let status = try SchemaStatus(of: target, on: connection)
            guard !isFounded || status == .absent else { return status }
            return try Migrator(target, on: connection).run()
        }
        for (target, status) in found { try require(status, target) }
    }

    /// Where owners, rights, bodies, triggers, policies, columns or constraints are not as this
    /// build makes them; both databases must be current.
    public static func differences(
        _ configuration: LedgerConfiguration
    ) async throws(Problem) -> [(target: SchemaTarget, difference: SchemaDifference)] {
        try await each(configuration) { connection, target in
            let found = try SchemaFact.read(of: target, on: connection)
            return SchemaDifference.between(SchemaFact.expected(of: target), found)
        }.flatMap { target, differences in differences.map { (target, $0) } }
    }

    /// Requires both to be current, and changes nothing.
    ///
    /// - Throws: `misconfigured` when one is not.
    public static func requireCurrent(
        _ configuration: LedgerConfiguration
    ) async throws(Problem) {
        for (target, status) in try await status(configuration) { try require(status, target) }
    }

    /// Less than a lock is waited for, so that whoever holds it is seen.
    private static let look = Duration.milliseconds(50)

    private static func each<Value: Sendable>(
        _ configuration: LedgerConfiguration,
        _ body: @escaping @Sendable (Connection, SchemaTarget) throws -> Value
    ) async throws(Problem) -> [(target: SchemaTarget, value: Value)] {
        var found: [(SchemaTarget, Value)] = []
        for target in SchemaTarget.allCases {
            let pool = target == .ledger ? configuration.pool() : configuration.keysPool()
            defer { pool.close() }
            do {
                let value = try await pool.withWatchedConnection(lookingEvery: look) {
                    try body($0, target)
                }
                found.append((target, value))
            } catch {
                throw Problem(error)
            }
        }
        return found
    }

    private static func require(
        _ status: SchemaStatus,
        _ target: SchemaTarget
    ) throws(Problem) {
        let flag = target == .ledger ? "--db" : "--keys"
        switch status {
        case .current: return
        case .absent:
            throw Problem(
                .misconfigured,
                "the \(target.rawValue) database has no Tallystick schema",
                hint: "run \(.initialize), or point \(flag) at the right database"
            )
        case .behind(let steps):
            throw Problem(
                .misconfigured,
                "the \(target.rawValue) database is of an earlier build: it lacks "
                    + steps.map(\.name).joined(separator: ", "),
                hint: "run \(.migrateSchema); what writes to it meanwhile may go on"
            )
        case .newer:
            throw Problem(
                .misconfigured,
                "the \(target.rawValue) database is of a newer build than this one",
                hint: "use the newer build; this one would not understand what it finds"
            )
        case .foreign(let reason):
            throw Problem(
                .misconfigured,
                "no build that this one comes from made the \(target.rawValue) database: \(reason)",
                hint: "use the build that made it, or restore a dump of it"
            )
        }
    }
}
