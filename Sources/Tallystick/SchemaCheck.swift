// Both databases must have the schema that this build was made for.

internal import TallyPostgres
internal import TallyStore

/// Compares and installs the schemas of a ledger's two databases.
package enum SchemaCheck {
    /// The status of both databases.
    package static func status(
        _ configuration: LedgerConfiguration
    ) async throws -> [(target: SchemaTarget, status: SchemaStatus)] {
        try await each(configuration) { try Migrator.status(of: $1, on: $0) }
            .map { (target: $0, status: $1) }
    }

    /// Installs what is missing.
    ///
    /// - Throws: `misconfigured` when a database has a newer schema or another build's.
    package static func migrate(_ configuration: LedgerConfiguration) async throws {
        let found = try await each(configuration) { try Migrator.migrate($1, on: $0) }
        for (target, status) in found { try require(status, target) }
    }

    /// Where owners, rights, bodies, triggers, policies, columns or constraints are not as this build
    /// makes them; both databases must be current.
    package static func differences(
        _ configuration: LedgerConfiguration
    ) async throws -> [(target: SchemaTarget, difference: SchemaDifference)] {
        try await each(configuration) { connection, target in
            let found = try SchemaFact.read(of: target, on: connection)
            return SchemaDifference.between(SchemaFact.expected(of: target), found)
        }.flatMap { target, differences in differences.map { (target, $0) } }
    }

    /// Requires both to be current, and changes nothing.
    package static func requireCurrent(_ configuration: LedgerConfiguration) async throws {
        for (target, status) in try await status(configuration) { try require(status, target) }
    }

    private static func each<Value: Sendable>(
        _ configuration: LedgerConfiguration,
        _ body: @escaping @Sendable (Connection, SchemaTarget) throws -> Value
    ) async throws -> [(target: SchemaTarget, value: Value)] {
        var found: [(SchemaTarget, Value)] = []
        for target in SchemaTarget.allCases {
            let pool = target == .ledger ? configuration.pool() : configuration.keysPool()
            defer { pool.close() }
            found.append((target, try await pool.withConnection { try body($0, target) }))
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
                hint: "run tally init, or point \(flag) at the right database"
            )
        case .newer(let version):
            throw Problem(
                .misconfigured,
                "the \(target.rawValue) database has schema version \(version), this build knows "
                    + "\(SchemaTarget.version)",
                hint: "use the newer build; this one would not understand what it finds"
            )
        case .differs:
            throw Problem(
                .misconfigured,
                "the \(target.rawValue) database was made by another build's schema of the same "
                    + "version",
                hint: "use the build that made it"
            )
        }
    }
}
