// Brings a database to the schema that this build needs, step by step: what was interrupted goes on
// where it was, and those who write meanwhile wait for no more than a moment.

internal import Foundation
internal import TallyCore
internal import TallyCrypto
package import TallyPostgres

/// Installs and upgrades schemas.
package struct Migrator {
    /// A lock that is not given within this time is asked for again, so that nobody queues behind
    /// it.
    private static let lockTimeout = "2s"
    private static let pauseSeconds = 0.1

    private let target: SchemaTarget
    private let connection: Connection
    private let patience: Duration
    private let report: (SchemaStep) -> Void
    private var manifest: SchemaManifest { target.manifest }

    /// Prepares a migration.
    ///
    /// - Parameters:
    ///   - target: which of the two databases it is.
    ///   - connection: of a login that may act as its owner.
    ///   - patience: how long each step, and another migration, is waited for.
    ///   - report: is told each step before it is taken.
    package init(
        _ target: SchemaTarget,
        on connection: Connection,
        patience: Duration = .seconds(60),
        report: @escaping (SchemaStep) -> Void = { _ in }
    ) {
        (self.target, self.connection) = (target, connection)
        (self.patience, self.report) = (patience, report)
    }

    /// Takes the steps that are missing.
    ///
    /// - Parameter again: whether functions, rights and guards are installed again, though they are
    ///   of this edition.
    /// - Returns: the status afterwards; `newer` and `foreign` are left as they are.
    /// - Throws: a ``Problem`` `unavailable` when another migration runs for a minute; an error
    ///   55P03 when somebody holds a lock as long; with the step's name what PostgreSQL refuses.
    package func run(again: Bool = false) throws -> SchemaStatus {
        try waitForOthers()
        defer { try? connection.execute("SELECT pg_advisory_unlock_all()") }
        var steps: [SchemaStep]
        switch try SchemaStatus(of: target, on: connection) {
        case .absent: steps = manifest.migrations.map { .migration($0.name) }
        case .behind(let missing): steps = missing.filter { $0 != .functions(manifest.edition) }
        case .current where again: steps = []
        case let other: return other
        }
        steps.append(.functions(manifest.edition))
        try retried { try connection.execute(manifest.roles) }
        for step in steps {
            report(step)
            try take(step)
        }
        return try SchemaStatus(of: target, on: connection)
    }

    /// Only one migration of a database runs at a time.
    ///
    /// Its lock is tried: one that is waited for would hold up an index that is built beside
    /// writers.
    private func waitForOthers() throws {
        let deadline = ContinuousClock.now + patience
        let key = Parameter.text("\(target.namespace).schema")
        while true {
            let tried = try connection.query("SELECT pg_try_advisory_lock(hashtext($1))", [key])
            guard try !tried.bool(0, 0) else { return }
            guard ContinuousClock.now < deadline else { throw try otherMigration(key) }
            Thread.sleep(forTimeInterval: Self.pauseSeconds)
        }
    }

    private func otherMigration(_ key: Parameter) throws -> Problem {
        let rows = try connection.query(
            """
            SELECT string_agg(format('session %s', pid), ', ') FROM pg_locks
            WHERE locktype = 'advisory' AND granted AND objsubid = 1
                AND classid::bigint << 32 | objid::bigint = hashtext($1)::bigint
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """,
            [key]
        )
        let holder = try rows.isNull(0, 0) ? "a session that is gone by now" : rows.text(0, 0)
        return Problem(
            .unavailable,
            "another migration of the \(target.rawValue) database is running: \(holder)",
            hint: "wait for it, then run \(.migrateSchema) again"
        )
    }

    private func take(_ step: SchemaStep) throws {
        do {
            switch step {
            case .migration(let name):
                guard let index = manifest.migrations.firstIndex(where: { $0.name == name }) else {
                    return
                }
                try apply(manifest.migrations[index], number: index + 1)
            case .functions: try retried { try installFunctions() }
            }
        } catch let error as PostgresError where error.sqlState != "55P03" {
            throw PostgresError(
                error.code,
                sqlState: error.sqlState,
                message: "\(target.rawValue), \(step.name): \(error.message)"
            )
        }
    }

    // MARK: - Tables

    private func apply(_ migration: SchemaManifest.Migration, number: Int) throws {
        guard migration.isConcurrent else {
            return try retried {
                try connection.transaction {
                    try connection.execute("SET LOCAL lock_timeout = '\(Self.lockTimeout)'")
                    try connection.execute(migration.script)
                    try note(migration, number)
                }
            }
        }
        // Each of these is begun again from its first statement.
        for statement in migration.script.components(separatedBy: ";\n") {
            try connection.execute(statement)
        }
        try note(migration, number)
    }

    private func note(_ migration: SchemaManifest.Migration, _ number: Int) throws {
        _ = try connection.query(
            "INSERT INTO \(target.namespace).schema_version (version, digest) VALUES ($1, $2)",
            [.integer(Int32(number)), .bytea(migration.digests.first?.bytes ?? [])]
        )
    }

    // MARK: - Functions

    private func installFunctions() throws {
        try connection.transaction {
            try connection.execute(
                "SET LOCAL lock_timeout = '\(Self.lockTimeout)'; SET LOCAL check_function_bodies "
                    + "= off"
            )
            try connection.execute(manifest.functions)
            _ = try connection.query(
                """
                INSERT INTO \(target.namespace).schema_functions (edition, digest) VALUES ($1, $2)
                ON CONFLICT (edition) DO UPDATE SET digest = excluded.digest, applied_at = now()
                """,
                [.integer(Int32(manifest.edition)), .bytea(manifest.functionsDigest.bytes)]
            )
        }
    }

    /// Tries again what met a lock, or another migration in the same cluster, whose roles are these
    /// too.
    private func retried(_ body: () throws -> Void) throws {
        let deadline = ContinuousClock.now + patience
        while true {
            do {
                return try body()
            } catch let error as PostgresError {
                let isBusy = ["55P03", "40P01", "XX000", "23505", "42710"].contains(error.sqlState)
                guard isBusy, ContinuousClock.now < deadline else { throw error }
            }
            Thread.sleep(forTimeInterval: Self.pauseSeconds)
        }
    }
}
