// What a database has of this build's schema, and what it lacks.

internal import TallyCrypto
package import TallyPostgres

/// What was found in a database.
public enum SchemaStatus: Sendable, Equatable {
    /// There is no schema of ours.
    case absent
    /// It is the schema of this build.
    case current
    /// An earlier build made it: these steps lead to this one's.
    case behind([SchemaStep])
    /// No build that this one comes from made it: a migration is another one, or is missing.
    case foreign(String)
    /// A newer build made it.
    case newer

    /// Looks without changing anything.
    package init(of target: SchemaTarget, on connection: Connection) throws(PostgresError) {
        let found = try SchemaVersions(target, connection)
        self = found.status(beside: target.manifest)
    }
}

/// A step from one schema to the next; each is done as a whole or not at all.
public enum SchemaStep: Sendable, Equatable {
    /// Tables, by the migration's name.
    case migration(String)
    /// Functions and guards, by their edition.
    case functions(Int)

    /// The step in a few words.
    public var name: String {
        switch self {
        case .migration(let name): name
        case .functions(let edition): "functions, edition \(edition)"
        }
    }
}

/// What a database says has been done in it.
private struct SchemaVersions {
    private let isThere: Bool
    private var migrations: [(number: Int, digest: Digest)] = []
    /// The newest edition of the functions; 0 where none was noted, as in databases of the first
    /// build.
    private var edition = 0
    private var functionsDigest = Digest.zero

    init(_ target: SchemaTarget, _ connection: Connection) throws(PostgresError) {
        let (versions, editions) = (
            "\(target.namespace).schema_version", "\(target.namespace).schema_functions"
        )
        isThere = try Self.exists(versions, connection)
        guard isThere else { return }
        let rows = try connection.query("SELECT version, digest FROM \(versions) ORDER BY version")
        for row in 0..<rows.count {
            let digest = Digest(try rows.bytes(row, 1)) ?? .zero
            migrations.append((try rows.nearestNatural(row, 0), digest))
        }
        guard try Self.exists(editions, connection) else { return }
        let newest = try connection.query(
            "SELECT edition, digest FROM \(editions) ORDER BY edition DESC LIMIT 1"
        )
        guard newest.count == 1 else { return }
        edition = try newest.nearestNatural(0, 0)
        functionsDigest = Digest(try newest.bytes(0, 1)) ?? .zero
    }

    private static func exists(
        _ table: String,
        _ connection: Connection
    ) throws(PostgresError) -> Bool {
        try connection.query("SELECT to_regclass($1) IS NOT NULL", [.text(table)]).bool(0, 0)
    }

    func status(beside manifest: SchemaManifest) -> SchemaStatus {
        guard isThere else { return .absent }
        let known = manifest.migrations
        if (migrations.last?.number ?? 0) > known.count || edition > manifest.edition {
            return .newer
        }
        guard !migrations.isEmpty else { return .foreign("no migration is noted in it") }
        for (index, migration) in migrations.enumerated() {
            guard migration.number == index + 1 else {
                return .foreign("migration \(known[index].name) is missing")
            }
            guard known[index].digests.contains(migration.digest) else {
                return .foreign("its migration \(known[index].name) is another one")
            }
        }
        let steps = known.dropFirst(migrations.count).map { SchemaStep.migration($0.name) }
        let isNewest = edition == manifest.edition && functionsDigest == manifest.functionsDigest
        if steps.isEmpty, isNewest { return .current }
        return .behind(steps + [.functions(manifest.edition)])
    }
}
