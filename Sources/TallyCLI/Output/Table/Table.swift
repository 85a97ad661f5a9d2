// Records as lines of aligned columns, for a terminal.

/// A table for people.
struct Table {
    /// The heading and a line for each record.
    let lines: [String]

    /// Makes the lines.
    ///
    /// - Parameters:
    ///   - records: what to show; all have the same fields.
    ///   - available: the columns of the terminal; `nil` for a table of any width. Where lines have
    ///     to fit, columns without a value are left out, and wide values are cut.
    init(_ records: [Record], available: Int?) {
        guard let first = records.first else {
            lines = []
            return
        }
        let shown = first.fields.indices.filter { column in
            available == nil || records.contains { !$0.fields[column].value.cell.isEmpty }
        }
        let heading = shown.map { first.fields[$0].name.uppercased() }
        let rows =
            [heading]
            + records.map { record in
                shown.map { Renderer.oneLine(record.fields[$0].value.cell) }
            }
        let flexible = shown.indices.filter { column in
            records.contains { $0.fields[shown[column]].value.isFlexible }
        }
        let layout = TableLayout(rows: rows, flexible: Set(flexible), available: available)
        lines = rows.map { Self.line($0, layout, available) }
    }

    private static func line(_ cells: [String], _ layout: TableLayout, _ available: Int?) -> String
    {
        let fitting = zip(cells, layout.widths).map { cell, width in
            DisplayWidth.pad(DisplayWidth.cut(cell, to: width), to: width)
        }
        let line = fitting.joined(separator: String(repeating: " ", count: TableLayout.gap))
        let whole = String(line.reversed().drop { $0 == " " }.reversed())
        return available.map { DisplayWidth.cut(whole, to: $0) } ?? whole
    }
}
