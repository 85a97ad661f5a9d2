// Brings a database to the schema that this build needs, and says when it cannot.

internal import CSchema
internal import Foundation
internal import TallyCrypto
package import TallyPostgres

/// One of the two databases.
package enum SchemaTarget: String, Sendable, CaseIterable {
    /// Events, heads, tenants.
    case ledger
    /// Wrapped keys.
    case keys

    /// The newest version this build knows.
    package static let version = 1

    var namespace: String { self == .ledger ? "tally" : "tally_keys" }

    var script: String {
        String(cString: self == .ledger ? tally_schema_ledger() : tally_schema_keys())
    }
}

/// What was found in a database.
package enum SchemaStatus: Sendable, Equatable {
    /// There is no schema of ours.
    case absent
    /// It is the schema of this build.
    case current
    /// The version is right, but another build's script made it.
    case differs
    /// It is newer than this build.
    case newer(Int)
}

/// Installs and checks schemas.
package enum Migrator {
    /// How often a migration that collided with another one is tried again.
    private static let attempts = 8

    /// Looks without changing anything.
    package static func status(
        of target: SchemaTarget,
        on connection: Connection
    ) throws(PostgresError) -> SchemaStatus {
        let table = "\(target.namespace).schema_version"
        let exists = try connection.query("SELECT to_regclass($1) IS NOT NULL", [.text(table)])
        guard try exists.bool(0, 0) else { return .absent }
        let rows = try connection.query(
            "SELECT version, digest FROM \(table) ORDER BY version DESC LIMIT 1"
        )
        guard rows.count == 1 else { return .absent }
        let version = try rows.natural(0, 0)
        guard version <= SchemaTarget.version else { return .newer(version) }
        return try rows.bytes(0, 1) == digest(target) ? .current : .differs
    }

    /// Installs the schema where there is none, in one transaction.
    ///
    /// Roles belong to the whole cluster, so two migrations at once can collide; the loser
    /// starts again.
    /// - Returns: the status afterwards; `newer` and `differs` are left as they are.
    package static func migrate(
        _ target: SchemaTarget,
        on connection: Connection
    ) throws -> SchemaStatus {
        for attempt in 1... {
            do {
                try connection.transaction { try install(target, on: connection) }
                break
            } catch let error as PostgresError {
                let collided = ["XX000", "23505", "42710"].contains(error.sqlState)
                guard collided, attempt < attempts else { throw error }
            }
        }
        return try status(of: target, on: connection)
    }

    private static func install(
        _ target: SchemaTarget,
        on connection: Connection
    ) throws(PostgresError) {
        let key = Parameter.text("\(target.namespace).schema")
        _ = try connection.query("SELECT pg_advisory_xact_lock(hashtext($1))", [key])
        guard try status(of: target, on: connection) == .absent else { return }
        try connection.execute(target.script)
        _ = try connection.query(
            "INSERT INTO \(target.namespace).schema_version (version, digest) VALUES ($1, $2)",
            [.integer(Int32(SchemaTarget.version)), .bytea(digest(target))]
        )
    }

    private static func digest(_ target: SchemaTarget) -> [UInt8] {
        SHA256.hash(Array(target.script.utf8)).bytes
    }
}
