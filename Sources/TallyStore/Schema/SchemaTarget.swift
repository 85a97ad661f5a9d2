// The two databases, and what this build makes of each: embedded when it was built.

internal import CSchema

/// One of the two databases.
public enum SchemaTarget: String, Sendable, CaseIterable {
    /// Events, heads, tenants.
    case ledger
    /// Wrapped keys.
    case keys

    /// The number of the newest migration.
    public var version: Int { manifest.migrations.count }

    /// What is to be done by hand after a step, where there was a ledger before it.
    public func afterwards(_ step: SchemaStep) -> String? {
        manifest.migrations.first { .migration($0.name) == step }?.afterwards
    }

    /// PostgreSQL's schema.
    var namespace: String { self == .ledger ? "tally" : "tally_keys" }

    /// What makes the database, as the build embeds it.
    var manifest: SchemaManifest { self == .ledger ? Self.ledgerManifest : Self.keysManifest }

    /// What the database says of itself when nobody has changed it, a line a fact.
    var facts: String {
        let embedded = self == .ledger ? tally_schema_ledger() : tally_schema_keys()
        return embedded.map { String(cString: $0.pointee.facts) } ?? ""
    }

    private static let ledgerManifest = SchemaManifest(embedded: tally_schema_ledger())
    private static let keysManifest = SchemaManifest(embedded: tally_schema_keys())
}
