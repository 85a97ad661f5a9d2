// One column of a table projection: its name, its type, and where its values come from.

public import TallyCore

/// A column of a table projection.
public struct TableColumn: Sendable {
    /// The bytes of a text in an index, so that no row is too large for PostgreSQL's.
    static let indexedBytes = 500

    /// Its name in SQL.
    public let name: String
    /// Its type in PostgreSQL.
    public let type: ColumnType
    /// Where its values are.
    package let path: ColumnPath
    /// Whose sections it looks into; `nil` for everybody's.
    package let subjects: SubjectPattern?
    /// Whether a value of another type becomes NULL instead of stopping the projection.
    package let isLenient: Bool

    /// Declares a column.
    ///
    /// ```swift
    /// try TableColumn("total", .numeric, from: "$.data.total")
    /// try TableColumn("email", from: "$.personal.*.email", of: "customer:*")
    /// ```
    ///
    /// - Parameters:
    ///   - name: 1 to 56 characters of a-z, 0-9 and `_`, a letter first.
    ///   - type: its type in PostgreSQL.
    ///   - path: where its values are, as in `$.data.lines[0].sku` or `$.personal.*.name`.
    ///   - subjects: whose sections it looks into, as in `customer:*`; `nil` for everybody's.
    ///   - isLenient: whether a value of another type becomes NULL instead of stopping the
    ///     projection.
    /// - Throws: `invalid` for a path or a pattern that is none, and when they do not go together.
    public init(
        _ name: String,
        _ type: ColumnType = .text,
        from path: String,
        of subjects: String? = nil,
        isLenient: Bool = false
    ) throws(Problem) {
        try self.init(
            name,
            type,
            from: ColumnPath(path),
            of: subjects.map { text throws(Problem) in try SubjectPattern(text) },
            isLenient: isLenient
        )
    }

    /// Declares a column of parts that were read.
    package init(
        _ name: String,
        _ type: ColumnType = .text,
        from path: ColumnPath,
        of subjects: SubjectPattern? = nil,
        isLenient: Bool = false
    ) throws(Problem) {
        guard subjects == nil || path.isPersonal else {
            throw Problem(
                .invalid,
                "column \(name) names subjects and looks into data",
                hint: "leave subject out, or look into $.personal"
            )
        }
        self.name = name
        self.type = type
        self.path = path
        self.subjects = subjects
        self.isLenient = isLenient
    }

    /// The value of a document's row, as PostgreSQL reads it; `nil` for NULL.
    ///
    /// - Throws: a ``ColumnMismatch`` for a value of another type, unless that is to be NULL.
    func text(
        of content: DocumentContent,
        isIndexed: Bool,
        isLenient: Bool
    ) throws(ColumnMismatch) -> String? {
        guard let value = path.value(content, subjects), value != .null else { return nil }
        let text = type.text(of: value)
        if let text, !isIndexed || text.utf8.count <= Self.indexedBytes || type != .text {
            return text
        }
        guard isLenient || self.isLenient else {
            throw ColumnMismatch(self, isTooLong: text != nil)
        }
        return nil
    }
}

/// A value that does not fit its column.
package struct ColumnMismatch: Error, Sendable {
    /// What is wrong, without the value.
    let reason: String

    init(_ column: TableColumn, isTooLong: Bool) {
        reason =
            isTooLong
            ? "column \(column.name): the text has more than \(TableColumn.indexedBytes) bytes"
            : "column \(column.name): the value is no \(column.type.rawValue)"
    }
}
