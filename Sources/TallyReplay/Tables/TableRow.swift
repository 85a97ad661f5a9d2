// Rows of table projections on their way into PostgreSQL.

internal import TallyCore
internal import TallyPostgres

/// A document as a row.
struct TableRow: Sendable {
    let stream: String
    let version: Int
    let position: Int
    /// In the order of the columns, as PostgreSQL reads them; `nil` is NULL.
    let values: [String?]

    /// The row of a document.
    ///
    /// - Throws: a ``ColumnMismatch`` for a value that does not fit its column.
    init(
        _ document: FoldedStream,
        _ content: DocumentContent,
        _ definition: TableDefinition,
        isLenient: Bool = false
    ) throws(ColumnMismatch) {
        stream = document.stream
        version = document.version
        position = document.position
        values = try definition.values(content, isLenient: isLenient)
    }

    var byteCount: Int {
        values.reduce(stream.utf8.count) { $0 + ($1?.utf8.count ?? 0) }
    }
}

/// The statements of one table projection: what a name is quoted in, no value is ever part of.
struct TableStatements: Sendable {
    private let table: String
    private let columns: [String]
    private let types: [String]

    /// Names and types come from a definition, which allows letters, digits and `_` only.
    init(_ definition: TableDefinition, _ version: ProjectionVersion) {
        table = version.table(definition.name, in: "tally_tables")
        columns = definition.columns.map { "\"\($0.name)\"" }
        types = definition.columns.map(\.type.rawValue)
    }

    /// Rows as the parallel arrays of a statement, `$2` and on.
    private var source: String {
        let arrays = columns.indices.map { "$\($0 + 5)::text[]" }
        let names = columns.indices.map { "c\($0)" }
        let given = (["$2::text[]", "$3::int[]", "$4::bigint[]"] + arrays).joined(separator: ", ")
        return "unnest(\(given)) r (\((["s", "v", "p"] + names).joined(separator: ", ")))"
    }

    private var typed: [String] {
        types.indices.map { "r.c\($0)::\(types[$0])" }
    }

    /// Adds rows to a table that has none of these streams.
    var insert: String {
        """
        INSERT INTO \(table) (tenant_id, stream, version, position, \
        \(columns.joined(separator: ", "))) \
        SELECT $1, r.s, r.v, r.p, \(typed.joined(separator: ", ")) FROM \(source)
        """
    }

    /// Adds rows, or puts them in the place of those of the same streams.
    var upsert: String {
        let changes = (["version", "position"] + columns).map { "\($0) = excluded.\($0)" }
        return insert
            + " ON CONFLICT (tenant_id, stream) DO UPDATE SET "
            + changes.joined(separator: ", ")
    }

    /// Replaces rows that nobody has written since; gives their streams.
    ///
    /// A document may be newer than its row where the row's projection was told to skip events.
    var replace: String {
        let changes = columns.indices.map { "\(columns[$0]) = \(typed[$0])" }
        return """
            UPDATE \(table) t SET \(changes.joined(separator: ", ")) FROM \(source) \
            WHERE t.tenant_id = $1 AND t.stream = r.s AND t.position <= r.p RETURNING t.stream
            """
    }

    /// Removes the rows of streams.
    var remove: String { "DELETE FROM \(table) WHERE tenant_id = $1 AND stream = ANY ($2::text[])" }

    /// Removes all rows of a tenant; gives their streams.
    var clear: String { "DELETE FROM \(table) WHERE tenant_id = $1 RETURNING stream" }

    /// The rows of which one is not as given, by stream.
    var differing: String {
        let same = zip(columns, typed).map { "t.\($0) IS NOT DISTINCT FROM \($1)" }
        return """
            SELECT r.s FROM \(source) WHERE NOT EXISTS (SELECT FROM \(table) t \
            WHERE t.tenant_id = $1 AND t.stream = r.s AND t.version = r.v AND t.position = r.p \
            AND \(same.joined(separator: " AND ")))
            """
    }

    /// The streams that have a row, in the order of their bytes.
    var streams: String { "SELECT stream FROM \(table) WHERE tenant_id = $1 ORDER BY stream" }
}

extension Connection {
    /// Runs a statement with rows, some at a time; gives how many rows it answered with.
    @discardableResult
    func query(
        _ statement: String,
        _ tenant: TenantID,
        _ rows: [TableRow],
        each: (Rows) throws -> Void = { _ in }
    ) throws -> Int {
        var count = 0
        var rest = rows[...]
        while let first = rest.first {
            var bytes = first.byteCount
            let more = rest.dropFirst().prefix(ReplayLimits.pageEvents - 1).prefix { row in
                bytes += row.byteCount
                return bytes <= ReplayLimits.callBytes
            }
            let page = rest.prefix(1 + more.count)
            let answer = try query(statement, [.uuid(tenant.bytes)] + Self.arrays(page))
            try each(answer)
            count += answer.count
            rest = rest.dropFirst(page.count)
        }
        return count
    }

    private static func arrays(_ rows: ArraySlice<TableRow>) -> [Parameter] {
        var (streams, versions) = (ArrayColumn(.text), ArrayColumn(.integer))
        var positions = ArrayColumn(.bigint)
        var columns = [ArrayColumn](
            repeating: ArrayColumn(.text),
            count: rows.first?.values.count ?? 0
        )
        for row in rows {
            streams.append(Array(row.stream.utf8))
            versions.append(Int32(clamping: row.version))
            positions.append(Int64(row.position))
            for (index, value) in row.values.enumerated() {
                columns[index].append(value.map { Array($0.utf8) })
            }
        }
        return ([streams, versions, positions] + columns).map { Parameter($0) }
    }
}
