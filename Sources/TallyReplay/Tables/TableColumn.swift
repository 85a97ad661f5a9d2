// One column of a table projection: its name, its type, and where its values come from.

internal import TallyCore
package import TallyStore

/// A declared column.
package struct TableColumn: Sendable {
    /// The bytes of a text in an index, so that no row is too large for PostgreSQL's.
    static let indexedBytes = 500

    /// Its name in SQL.
    package let name: String
    package let type: ColumnType
    /// Where its values are.
    package let path: ColumnPath
    /// Whose sections it looks into; `nil` for everybody's.
    package let subjects: SubjectPattern?
    /// Whether a value of another type becomes NULL instead of stopping the projection.
    package let isLenient: Bool

    /// Declares a column.
    ///
    /// - Throws: `invalid` when its parts do not go together.
    package init(
        _ name: String,
        _ type: ColumnType = .text,
        from path: ColumnPath,
        of subjects: SubjectPattern? = nil,
        isLenient: Bool = false
    ) throws(StoreError) {
        guard subjects == nil || path.isPersonal else {
            throw StoreError(
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
