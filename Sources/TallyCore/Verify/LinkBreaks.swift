// Where the log does not go on as its leaves say: rows are missing, or stand in another's place.

internal import TallyCrypto

/// Ends and starts of stretches of the log, put together again by what their leaves say.
struct LinkBreaks {
    /// How many breaks are kept; events at others stay unproven.
    private static let maximum = 4096

    /// What came of putting the stretches together.
    struct Outcome {
        /// Rows whose hash a leaf names that stands elsewhere.
        var mended: Set<Int> = []
        /// Events among the stretches' starts that found the one before them.
        var links = 0
        /// Rows that hold something else than what the row after them names, with the evidence.
        var altered: [Int: String] = [:]
    }

    private var ends: [Int: EventRecord] = [:]
    private var starts: [EventRecord] = []

    /// Notes that `start` does not go on from `end`, by its row or by its leaf.
    mutating func add(from end: EventRecord, to start: EventRecord) {
        guard starts.count < Self.maximum else { return }
        starts.append(start)
        if ends[end.place] == nil { ends[end.place] = end }
    }

    /// Looks for the end that each start names.
    func resolve(size: Int) -> Outcome {
        var outcome = Outcome()
        var open: [EventRecord] = []
        for start in starts {
            if let end = ends[start.place - 1], end.hash == start.previous {
                outcome.mended.insert(end.position)
                if start.position < size { outcome.links += 1 }
            } else if start.isInPlace {
                open.append(start)
            }
        }
        let ended = ends.values.reduce(into: [:]) { $0[$1.position] = $1 }
        for start in open {
            guard let end = ended[start.position - 1], !end.isInPlace, let named = start.previous,
                !outcome.mended.contains(end.position)
            else { continue }
            outcome.altered[end.position] = "committed \(named.hex), found \(end.hash.hex)"
        }
        return outcome
    }
}
