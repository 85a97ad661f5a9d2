// Rows whose leaves were written for another position, a stretch at a time.

/// Stretches of rows that stand at one distance from where their leaves say.
struct MovedRows {
    private struct Stretch {
        let first: Int
        var last: Int
        /// What leads from a row's position to its leaf's.
        let distance: Int
        /// The distance of the row before.
        let before: Int
    }

    private var stretches: [Stretch] = []

    /// Adds the next row that is not where its leaf says.
    mutating func add(_ record: EventRecord) {
        let (position, distance) = (record.position, record.place - record.position)
        let newest = stretches.last
        let isNext = newest?.last == position - 1
        if let newest, isNext, newest.distance == distance {
            stretches[stretches.count - 1].last = position
        } else if stretches.count < LogVerifier.maximumFindings {
            stretches.append(
                Stretch(
                    first: position,
                    last: position,
                    distance: distance,
                    before: isNext ? newest?.distance ?? 0 : 0
                )
            )
        }
    }

    /// What the stretches mean.
    ///
    /// Where they go on to the end of the log, and the head names that end, events were taken
    /// out or put in and the later rows were given other positions. Others stand in each
    /// other's place.
    /// - Parameters:
    ///   - end: the position after the last row, if the head names that row's hash.
    ///   - altered: rows that do not hold what they should; they have a finding of their own.
    /// - Returns: a finding for each stretch that has none.
    func findings(end: Int?, altered: some Collection<Int>) -> [Finding] {
        var findings: [Finding] = []
        var next = end
        for stretch in stretches.reversed() {
            if stretch.last + 1 == next {
                next = stretch.first
                findings.append(Self.renumbered(stretch))
            } else if stretch.first != stretch.last || !altered.contains(stretch.first) {
                findings.append(Self.swapped(stretch))
            }
        }
        return findings
    }

    private static func renumbered(_ stretch: Stretch) -> Finding {
        let change = stretch.distance - stretch.before
        let rows = "the rows from \(stretch.first) on were given other positions"
        if change > 0 {
            let first = stretch.first + stretch.before
            return Finding(
                .missingEvent,
                at: first,
                "\(Self.events(first, first + change - 1)): no row; \(rows)"
            )
        }
        return Finding(
            .insertedEvent,
            at: stretch.first + change,
            "\(Self.events(stretch.first + change, stretch.first - 1)): not in the chain; \(rows)"
        )
    }

    private static func swapped(_ stretch: Stretch) -> Finding {
        let place = stretch.first + stretch.distance
        let evidence =
            stretch.first == stretch.last
            ? "the leaf was written at \(place)"
            : "the rows to \(stretch.last) hold leaves written at \(place) and after"
        return Finding(.swapped, at: stretch.first, evidence)
    }

    static func events(_ first: Int, _ last: Int) -> String {
        first == last ? "event \(first)" : "events \(first) to \(last)"
    }
}
