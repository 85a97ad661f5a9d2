// How every list is cut, where it goes on, and which end it begins at.

internal import ArgumentParser
internal import TallyCore
internal import Tallystick

/// The flags that all lists share.
struct PageOptions: ParsableArguments {
    private static let limits = 1...10_000

    @Option(help: "At most so many rows, 1 to 10000.")
    var limit = 100

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Go on after this row, as the page before said.", valueName: "row")
    )
    var after: String?

    @Flag(help: "Newest first.")
    var reverse = false

    func validate() throws {
        guard Self.limits.contains(limit) else {
            throw ValidationError("--limit must be between 1 and \(Self.limits.upperBound)")
        }
    }

    /// The page of rows that are all at hand, oldest first, and the row to go on after.
    ///
    /// - Throws: `notFound` when `--after` names no row of the list.
    func page<Row>(
        _ rows: some BidirectionalCollection<Row>,
        by id: (Row) -> String
    ) throws(Problem) -> (rows: [Row], next: String?) {
        var rest = (reverse ? rows.reversed() : Array(rows))[...]
        if let after {
            guard let last = rest.firstIndex(where: { ByteText(id($0)) == ByteText(after) }) else {
                throw Problem(
                    .notFound,
                    "--after \(after) names no row of this list",
                    hint: "give what the page before said, or leave --after out to start over"
                )
            }
            rest = rest[(last + 1)...]
        }
        let shown = Array(rest.prefix(limit))
        return (shown, shown.count < rest.count ? shown.last.map(id) : nil)
    }
}

extension PageOptions {
    /// `--after` as a position, where a list goes by these.
    func position() throws -> Int? {
        try after.map { text in
            guard let position = Int(text), position >= 0 else {
                throw ValidationError("--after takes a position, as the page before said")
            }
            return position
        }
    }
}
