// A schema's facts stand for tables of which a database has any number: those of table projections,
// and the versions that a rebuild has left.

/// The facts of a sound schema, with one table that stands for all table projections.
struct SchemaPattern {
    /// What stands for the tables of table projections.
    static let table = "tally_tables.*"
    private static let rebuilt = ["tally.document", "tally.event_tag", "tally.dictionary"]

    /// Whether it is what a declaration says of its own table.
    static func isDeclared(_ fact: SchemaFact) -> Bool {
        fact.object.hasPrefix("tally_tables.")
            && ["column", "constraint", "index", "table"].contains(fact.kind)
    }

    private let fixed: [SchemaFact]
    private let ofTables: [SchemaFact]

    init(_ expected: [SchemaFact]) {
        fixed = expected.filter { !$0.object.hasPrefix(Self.table) }
        ofTables = expected.filter { $0.object.hasPrefix(Self.table) }
    }

    /// The facts of the tables that are in a database.
    func facts(for found: [SchemaFact]) -> [SchemaFact] {
        let tables = found.filter { $0.kind == "table" }.map(\.object)
        let kept = tables.filter { $0.hasPrefix("tally_tables.") }.flatMap { table in
            ofTables.map { $0.renamed(Self.table, table) }
        }
        let old = Self.rebuilt.filter { tables.contains($0 + "_old") }.flatMap { table in
            fixed.filter { $0.concerns(table) }.map { $0.renamed(table, table + "_old") }
        }
        return fixed + kept + old
    }
}

extension SchemaFact {
    /// Whether it is about a table, its columns, triggers and policies.
    fileprivate func concerns(_ table: String) -> Bool {
        object == table || object.hasPrefix(table + ".") || object.hasPrefix(table + " ")
    }

    fileprivate func renamed(_ old: String, _ new: String) -> SchemaFact {
        SchemaFact(new + object.dropFirst(old.count), kind, value)
    }
}
