// What a table projection is: the collection whose documents become rows, and the columns.

public import TallyCore
internal import TallyStore

/// A declared table projection.
public struct TableDefinition: Sendable {
    /// Columns, indexes, and columns of an index that a table may have.
    private static let (columnCount, indexCount, indexedCount) = (1...64, 0...8, 1...4)
    /// The columns that every table has.
    private static let builtIn: Set = ["tenant_id", "stream", "version", "position"]

    /// Its name in SQL, in the schema `tally_tables`.
    public let name: String
    /// The collection whose documents become rows; empty for streams without a slash.
    public let collection: String
    /// Its columns, besides the tenant, the stream and the version.
    public let columns: [TableColumn]
    /// Column names, index by index; each index begins with the tenant besides.
    public let indexes: [[String]]
    /// Whether the table is in the write-ahead log, and with it in backups and on standbys.
    public let isLogged: Bool

    /// Whether a column has something of a person.
    package var isPersonal: Bool { columns.contains { $0.path.isPersonal } }

    /// Declares a table.
    ///
    /// - Parameters:
    ///   - name: 1 to 56 characters of a-z, 0-9 and `_`, a letter first; not ending in `_next` or
    ///     `_old`.
    ///   - collection: a collection's name.
    ///   - columns: 1 to 64 with different names.
    ///   - indexes: up to 8, each of 1 to 4 columns.
    ///   - isLogged: `nil` for a table that is logged unless something in it is personal.
    /// - Throws: `invalid`, saying what is not allowed.
    public init(
        name: String,
        collection: String,
        columns: [TableColumn],
        indexes: [[String]] = [],
        isLogged: Bool? = nil
    ) throws(Problem) {
        self.name = name
        self.collection = collection
        self.columns = columns
        self.indexes = indexes
        let isPersonal = columns.contains { $0.path.isPersonal }
        self.isLogged = isLogged ?? !isPersonal
        guard !self.isLogged || !isPersonal else {
            throw refusal("a table with a personal column cannot be logged", "leave logged out")
        }
        try checkNames()
        try checkIndexes()
    }

    private func checkNames() throws(Problem) {
        guard Self.isName(name), !name.hasSuffix("_next"), !name.hasSuffix("_old") else {
            throw refusal(
                "not a name for a table",
                "give up to 56 of a-z, 0-9 and _, a letter first, without _next or _old behind it"
            )
        }
        guard FormatLimits.stream.upperBound >= collection.utf8.count else {
            throw refusal("the collection's name is too long", "give at most 1024 bytes")
        }
        guard Self.columnCount.contains(columns.count) else {
            throw refusal("\(columns.count) columns", "give 1 to 64")
        }
        var names = Self.builtIn
        for column in columns {
            guard Self.isName(column.name) else {
                throw refusal(
                    "\(column.name.prefix(64)) is not a name for a column",
                    "give up to 56 of a-z, 0-9 and _, a letter first"
                )
            }
            guard names.insert(column.name).inserted else {
                throw refusal("column \(column.name) is there already", "give it another name")
            }
        }
    }

    private func checkIndexes() throws(Problem) {
        guard Self.indexCount.contains(indexes.count) else {
            throw refusal("\(indexes.count) indexes", "give at most 8")
        }
        for index in indexes {
            guard Self.indexedCount.contains(index.count), Set(index).count == index.count else {
                throw refusal("an index of \(index.count) columns", "name 1 to 4, each once")
            }
            for name in index {
                guard let column = columns.first(where: { $0.name == name }), column.type != .jsonb
                else {
                    throw refusal(
                        "\(name.prefix(64)) cannot be indexed",
                        "name a column of the table that is not jsonb"
                    )
                }
            }
        }
    }

    private static func isName(_ name: String) -> Bool {
        let bytes = name.utf8
        return (1...56).contains(bytes.count)
            && (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(bytes.first ?? 0)
            && bytes.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || $0 == UInt8(ascii: "_")
            }
    }

    private func refusal(_ message: String, _ hint: String) -> Problem {
        Problem(.invalid, "table \(name.prefix(64)): \(message)", hint: Remedy(hint))
    }

    /// The values of a document's row; with `isLenient` one that does not fit is NULL.
    func values(
        _ content: DocumentContent,
        isLenient: Bool
    ) throws(ColumnMismatch) -> [String?] {
        let indexed = Set(indexes.joined())
        var values: [String?] = []
        for column in columns {
            let isIndexed = indexed.contains(column.name)
            values.append(
                try column.text(of: content, isIndexed: isIndexed, isLenient: isLenient)
            )
        }
        return values
    }
}

// MARK: - As it is stored

extension TableDefinition {
    /// The definition in canonical JSON, without the name: two that mean the same are the same
    /// bytes.
    package var json: String {
        let value: JSONValue = [
            "collection": .string(JSONString(collection)),
            "columns": .array(columns.map(\.json)),
            "indexes": .array(indexes.map { .array($0.map { .string(JSONString($0)) }) }),
            "logged": .bool(isLogged),
        ]
        return String(decoding: value.canonical(), as: UTF8.self)
    }

    /// Reads a stored definition.
    ///
    /// - Throws: `misconfigured` for what no build of this version has stored.
    init(_ name: String, json: String) throws(Problem) {
        guard let object = try? JSONReader.parse(Array(json.utf8)).objectValue,
            let collection = object["collection"]?.stringValue,
            let columns = object["columns"]?.arrayValue,
            let indexes = object["indexes"]?.arrayValue
        else { throw Self.unreadable(name) }
        try self.init(
            name: name,
            collection: collection,
            columns: columns.map { value throws(Problem) in
                guard let column = try TableColumn(value) else { throw Self.unreadable(name) }
                return column
            },
            indexes: indexes.map { ($0.arrayValue ?? []).compactMap(\.stringValue) },
            isLogged: object["logged"]?.boolValue
        )
    }

    private static func unreadable(_ name: String) -> Problem {
        Problem(
            .misconfigured,
            "the stored definition of table \(name) cannot be read",
            hint: "\(.removeProjection(name)), and declare it again"
        )
    }
}

extension TableColumn {
    fileprivate var json: JSONValue {
        var object: JSONObject = [
            "from": .string(JSONString(path.text)), "lenient": .bool(isLenient),
            "name": .string(JSONString(name)), "type": .string(JSONString(type.rawValue)),
        ]
        if let subjects { object["subject"] = .string(JSONString(subjects.text)) }
        return .object(object)
    }

    fileprivate init?(_ json: JSONValue) throws(Problem) {
        guard let object = json.objectValue, let name = object["name"]?.stringValue,
            let type = object["type"]?.stringValue.flatMap({ ColumnType(rawValue: $0) }),
            let path = object["from"]?.stringValue
        else { return nil }
        try self.init(
            name,
            type,
            from: ColumnPath(path),
            of: object["subject"]?.stringValue.map { text throws(Problem) in
                try SubjectPattern(text)
            },
            isLenient: object["lenient"]?.boolValue ?? false
        )
    }
}
