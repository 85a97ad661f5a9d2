// Which tables a version of a built-in projection lives in. A rebuild exchanges tables by name, so
// whoever writes holds on to the tables themselves, by their oid.

package import TallyCore
internal import TallyPostgres

/// A version of a projection: the live one, or the one that is built beside it.
package struct ProjectionVersion: Sendable, Equatable {
    /// Its number.
    package let number: Int
    /// Whether readers do not see it yet.
    package let isNext: Bool

    /// The version that readers see.
    package static func live(_ number: Int) -> Self { Self(number: number, isNext: false) }
    /// The version that a rebuild makes.
    package static func next(_ number: Int) -> Self { Self(number: number, isNext: true) }

    /// The name of a table in this version.
    func table(_ name: String, in schema: String = "tally") -> String {
        "\(schema).\(name)\(isNext ? "_next" : "")"
    }

    /// Keeps tables what they are until the transaction ends.
    ///
    /// - Throws: ``Superseded`` when another version has taken this one's place.
    func hold(
        _ connection: Connection,
        _ projection: String,
        _ names: [String],
        in schema: String = "tally"
    ) throws {
        let tables = names.map { table($0, in: schema) }
        try connection.execute("LOCK TABLE \(tables.joined(separator: ", ")) IN ACCESS SHARE MODE")
        let rows = try connection.query(
            "SELECT version, latest FROM tally.projection WHERE name = $1 AND removed_at IS NULL",
            [.text(projection)]
        )
        guard rows.count == 1, try rows.natural(0, isNext ? 1 : 0) == number else {
            throw Superseded()
        }
    }

    /// The oids of tables, which stay theirs until the transaction ends whatever is exchanged.
    ///
    /// - Throws: ``Superseded`` when another version has taken this one's place.
    func oids(
        _ connection: Connection,
        _ projection: String,
        _ names: [String]
    ) throws -> [Int64] {
        try hold(connection, projection, names)
        return try names.map { name in
            try connection.query("SELECT ($1::text)::regclass::oid::bigint", [.text(table(name))])
                .integer(0, 0)
        }
    }
}

/// Another version of the projection has taken this one's place.
package struct Superseded: ProblemConvertible {
    package var problem: Problem {
        Problem(
            .invalid,
            "another rebuild was begun meanwhile",
            hint: "let that one finish: \(.listProjections) shows its version"
        )
    }
}
