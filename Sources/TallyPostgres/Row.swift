// One row of a result, whose values are found by the names of their columns: what a statement
// selects may be put in another order, and a reader sees what is read.

/// A row of a result.
package struct Row {
    private let rows: Rows
    private let index: Int

    init(_ rows: Rows, _ index: Int) {
        self.rows = rows
        self.index = index
    }

    /// The value in a column of that name; one that is not there is found out when it is decoded.
    package subscript(_ name: String) -> Field {
        Field(rows: rows, row: index, name: name)
    }
}

/// A value of a row, decoded as what the reader expects or not at all.
///
/// Every decoder throws `unexpectedResult` for a column that is not there, for one of another type,
/// and, without `optional` in its name, for NULL.
package struct Field {
    let rows: Rows
    let row: Int
    /// The name of its column.
    package let name: String

    private func column() throws(PostgresError) -> Int {
        guard let column = rows.column(named: name) else {
            throw PostgresError(.unexpectedResult, message: "no column \(name)")
        }
        return column
    }

    /// The bytes as the server sends them.
    package func bytes() throws(PostgresError) -> [UInt8] { try rows.bytes(row, column()) }

    /// As ``bytes()``, or `nil` for NULL.
    package func optionalBytes() throws(PostgresError) -> [UInt8]? {
        rows.optionalBytes(row, try column())
    }

    /// A smallint, integer or bigint.
    package func integer() throws(PostgresError) -> Int64 { try rows.integer(row, column()) }

    /// A count, a position or a version; see ``Rows/natural(_:_:as:)``.
    package func natural<Number: FixedWidthInteger>(
        as type: Number.Type = Int.self
    ) throws(PostgresError) -> Number {
        try rows.natural(row, column(), as: type)
    }

    /// As ``natural(as:)``, or `nil` for NULL.
    package func optionalNatural<Number: FixedWidthInteger>(
        as type: Number.Type = Int.self
    ) throws(PostgresError) -> Number? {
        try rows.optionalNatural(row, column(), as: type)
    }

    /// See ``Rows/nearestNatural(_:_:)``.
    package func nearestNatural() throws(PostgresError) -> Int {
        try rows.nearestNatural(row, column())
    }

    /// An array of counts.
    package func naturals() throws(PostgresError) -> [Int] { try rows.naturals(row, column()) }

    /// µs since 1970.
    package func time() throws(PostgresError) -> UInt64 { try rows.time(row, column()) }

    /// As ``time()``, or `nil` for NULL.
    package func optionalTime() throws(PostgresError) -> UInt64? {
        try rows.optionalTime(row, column())
    }

    /// As ``integer()``, or `nil` for NULL.
    package func optionalInteger() throws(PostgresError) -> Int64? {
        try rows.optionalInteger(row, column())
    }

    /// A text.
    package func text() throws(PostgresError) -> String { try rows.text(row, column()) }

    /// As ``text()``, or `nil` for NULL.
    package func optionalText() throws(PostgresError) -> String? {
        try rows.isNull(row, column()) ? nil : text()
    }

    /// A truth value.
    package func bool() throws(PostgresError) -> Bool { try rows.bool(row, column()) }
}

extension Rows: RandomAccessCollection {
    package var startIndex: Int { 0 }

    package var endIndex: Int { count }

    /// The row of a number from 0.
    package subscript(_ index: Int) -> Row { Row(self, index) }
}
