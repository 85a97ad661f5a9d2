// What can be said of a schema without naming anybody's logins: owners, grants, bodies, triggers,
// policies. This build carries the facts of a sound schema; a database is asked for its own.

internal import CSchema
package import TallyPostgres

/// One statement about an object of a schema.
package struct SchemaFact: Sendable, Hashable, Comparable {
    /// A schema, table, column, function or role; of triggers and policies the table, too.
    package let object: String
    /// What it is about, such as `owner`, `grant` or `body`.
    package let kind: String
    /// What is so, in words of PostgreSQL; of a function's body a digest.
    package let value: String

    /// Makes a fact.
    package init(_ object: String, _ kind: String, _ value: String) {
        (self.object, self.kind, self.value) = (object, kind, value)
    }

    /// In the order of objects, kinds and values.
    package static func < (left: Self, right: Self) -> Bool {
        (left.object, left.kind, left.value) < (right.object, right.kind, right.value)
    }

    /// The facts of a schema that this build has installed.
    package static func expected(of target: SchemaTarget) -> [SchemaFact] {
        target.facts.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard fields.count == 3 else { return nil }
            return SchemaFact(String(fields[0]), String(fields[1]), String(fields[2]))
        }
    }

    /// The facts of a database; any login can ask for them.
    ///
    /// The connection searches no schema of the ledger's afterwards, so that PostgreSQL writes
    /// names in full.
    package static func read(
        of target: SchemaTarget,
        on connection: Connection
    ) throws -> [SchemaFact] {
        let schemas = target == .ledger ? ["tally", "tally_tables"] : ["tally_keys"]
        var column = ArrayColumn(.text)
        for schema in schemas { column.append(Array(schema.utf8)) }
        try connection.execute("SET search_path = pg_catalog")
        let query = String(cString: tally_schema_question())
        let rows = try connection.query(query, [Parameter(column)])
        return try (0..<rows.count).map { row in
            SchemaFact(try rows.text(row, 0), try rows.text(row, 1), try rows.text(row, 2))
        }
    }

    /// The fact as a line of `schema/facts`.
    package var line: String { "\(object)\t\(kind)\t\(value)" }
}
