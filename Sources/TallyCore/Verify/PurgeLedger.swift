// Parts of length 0, and the partsPurged events that explain them.

/// Missing parts until a later event excuses them.
struct PurgeLedger {
    private struct Place: Hashable {
        let position: Int
        let part: Int
    }

    private var missing: Set<Place> = []
    private(set) var excusedCount = 0

    mutating func miss(_ position: Int, _ part: Int) {
        missing.insert(Place(position: position, part: part))
    }

    /// Strikes out the parts that an event at `position` lists; only earlier ones count.
    mutating func excuse(_ object: JSONObject, at position: Int) {
        for pair in object["parts"]?.arrayValue ?? [] {
            guard let numbers = pair.arrayValue, numbers.count == 2,
                let event = numbers[0].uint64Value.flatMap({ Int(exactly: $0) }),
                let part = numbers[1].uint64Value, event < position,
                part < UInt64(FormatLimits.partCount.upperBound)
            else { continue }
            let place = Place(position: event, part: Int(part))
            if missing.remove(place) != nil { excusedCount += 1 }
        }
    }

    /// What no later partsPurged lists.
    func unexcused() -> [Finding] {
        missing.sorted { ($0.position, $0.part) < ($1.position, $1.part) }.map {
            Finding(
                .missingBody,
                at: $0.position,
                "part \($0.part) is empty and no later partsPurged lists it"
            )
        }
    }
}
