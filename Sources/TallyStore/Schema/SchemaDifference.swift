// Where a database's schema is not as this build made it, and what puts it right.

/// A fact that is missing, too much, or another one.
public struct SchemaDifference: Sendable, Equatable {
    /// What differs, such as a table or a function.
    public let object: String
    /// In what it differs, such as `owner`, `grant` or `body`.
    public let kind: String
    /// What this build installs; `nil` for something that it does not install.
    public let expected: String?
    /// What was found; `nil` where it is missing.
    public let found: String?

    /// Compares the facts of a database with those of a sound schema.
    ///
    /// Tables that a rebuild has left, and those of table projections, are held against what every
    /// such table must be.
    package static func between(
        _ expected: [SchemaFact],
        _ found: [SchemaFact]
    ) -> [SchemaDifference] {
        let wanted = Set(SchemaPattern(expected).facts(for: found))
        let there = Set(found.filter { !SchemaPattern.isDeclared($0) })
        let extra = Dictionary(grouping: there.subtracting(wanted).sorted()) { Place($0) }
        let missing = Dictionary(grouping: wanted.subtracting(there).sorted()) { Place($0) }
        return Set(extra.keys).union(missing.keys).sorted().flatMap { place in
            pairs(place, missing[place] ?? [], extra[place] ?? [])
        }
    }

    /// What is the one thing of its kind is another one; of grants and constraints there are many.
    private static func pairs(
        _ place: Place,
        _ missing: [SchemaFact],
        _ extra: [SchemaFact]
    ) -> [SchemaDifference] {
        if missing.count == 1, extra.count == 1, !Place.many.contains(place.kind) {
            return [SchemaDifference(place, missing[0].value, extra[0].value)]
        }
        return missing.map { SchemaDifference(place, $0.value, nil) }
            + extra.map { SchemaDifference(place, nil, $0.value) }
    }

    private init(_ place: Place, _ expected: String?, _ found: String?) {
        (object, kind) = (place.object, place.kind)
        (self.expected, self.found) = (expected, found)
    }

    private struct Place: Hashable, Comparable {
        static let many: Set = ["grant", "constraint", "index", "member", "default grant"]
        let object: String
        let kind: String

        init(_ fact: SchemaFact) { (object, kind) = (fact.object, fact.kind) }

        static func < (left: Self, right: Self) -> Bool {
            (left.object, left.kind) < (right.object, right.kind)
        }
    }
}

extension SchemaDifference {
    /// What to do about it, as SQL where that is enough.
    public var advice: String {
        switch (kind, expected, found) {
        case ("owner", let owner?, _): "ALTER … OWNER TO \(owner)"
        case ("grant", let right?, nil): "GRANT \(right)"
        case ("grant", nil, let right?):
            "REVOKE "
                + right.replacing(" to ", with: " from ").replacing(", who may grant it", with: "")
        case ("default grant", _, _): "ALTER DEFAULT PRIVILEGES … REVOKE"
        case ("row security", _, _): "ALTER TABLE … ENABLE, FORCE ROW LEVEL SECURITY"
        case ("trigger", _?, _?): "ALTER TABLE … ENABLE TRIGGER"
        case ("role", _, "missing"): "restore the server's roles first: pg_dumpall --roles-only"
        case ("role", _, _): "ALTER ROLE … NOLOGIN NOSUPERUSER NOBYPASSRLS"
        case ("member", nil, _): "REVOKE the membership"
        case (_, nil, _): "drop it, once you know who made it and why"
        case (_, _, nil):
            "it is gone: restore the schema from a dump of this database, with its rights"
        default: "it was changed: restore it from a dump of this database, and find out by whom"
        }
    }
}
