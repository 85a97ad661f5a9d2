// How wide each column of a table is, so that its lines fit the terminal.

/// The columns of a table.
///
/// Text and JSON give way first, then everything but the first column, by which rows are named.
struct TableLayout {
    /// The spaces between two columns.
    static let gap = 2
    /// What a column of text keeps while others can give way.
    private static let textFloor = 12
    /// What every column keeps.
    private static let floor = 4

    /// The width of each column.
    private(set) var widths: [Int]

    /// Lays a table out.
    ///
    /// - Parameters:
    ///   - rows: the cells of every row, the heading among them.
    ///   - flexible: the columns that give way first.
    ///   - available: the columns of the terminal; `nil` for as many as are needed.
    init(rows: [[String]], flexible: Set<Int>, available: Int?) {
        let count = rows.first?.count ?? 0
        widths = (0..<count).map { column in
            rows.map { DisplayWidth.of($0[column]) }.max() ?? 0
        }
        guard let available else { return }
        let room = available - Self.gap * (count - 1)
        shrink(flexible.sorted(), to: room, floor: Self.textFloor)
        shrink(Array(widths.indices.dropFirst()), to: room, floor: Self.floor)
    }

    /// Takes from the widest of some columns until all fit or none has anything left.
    private mutating func shrink(_ columns: [Int], to room: Int, floor: Int) {
        while true {
            let excess = widths.reduce(0, +) - room
            guard excess > 0, let widest = columns.max(by: { widths[$0] < widths[$1] }),
                widths[widest] > floor
            else { return }
            let next = columns.map { widths[$0] }.filter { $0 < widths[widest] }.max() ?? floor
            widths[widest] = max(floor, widths[widest] - excess, min(next, widths[widest] - 1))
        }
    }
}
