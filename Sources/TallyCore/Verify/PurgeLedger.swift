// Parts of length 0, the partsPurged events that explain them, and the destructions of keys without
// which these explain nothing.

/// Missing parts until a later event excuses them.
struct PurgeLedger {
    private struct Gap {
        /// A bit for each missing part.
        var parts: UInt32
        /// Whether all other parts match their digests.
        let isSound: Bool
    }

    private var gaps: [Int: Gap] = [:]
    /// Where keysDestroyed events are.
    private var destructions: Set<UInt64> = []
    /// Parts that were excused.
    private(set) var excusedCount = 0
    /// Events that are sound but for parts that were excused.
    private(set) var excusedEvents = 0

    /// Notes the missing parts of an event.
    mutating func miss(_ parts: [Int], at position: Int, isSound: Bool) {
        guard !parts.isEmpty else { return }
        gaps[position] = Gap(parts: parts.reduce(0) { $0 | 1 << $1 }, isSound: isSound)
    }

    /// Notes that keys were destroyed.
    mutating func destroy(at position: Int) {
        destructions.insert(UInt64(clamping: position))
    }

    /// Strikes out the parts that an event at `position` lists; only earlier ones count, and only
    /// if the event names earlier destructions and nothing else.
    mutating func excuse(_ object: JSONObject, at position: Int) {
        guard let named = object["destroyed"]?.arrayValue, !named.isEmpty,
            named.allSatisfy({ isDestruction($0, before: position) })
        else { return }
        for pair in object["parts"]?.arrayValue ?? [] {
            guard let numbers = pair.arrayValue, numbers.count == 2,
                let event = numbers[0].uint64Value.flatMap({ Int(exactly: $0) }),
                let part = numbers[1].uint64Value, event < position,
                part < UInt64(FormatLimits.partCount.upperBound)
            else { continue }
            strike(Int(part), of: event)
        }
    }

    private func isDestruction(_ named: JSONValue, before position: Int) -> Bool {
        guard let place = named.uint64Value else { return false }
        return place < UInt64(clamping: position) && destructions.contains(place)
    }

    private mutating func strike(_ part: Int, of event: Int) {
        guard var gap = gaps[event], gap.parts & 1 << part != 0 else { return }
        gap.parts &= ~(1 << part)
        excusedCount += 1
        gaps[event] = gap.parts == 0 ? nil : gap
        if gap.parts == 0, gap.isSound { excusedEvents += 1 }
    }

    /// What no later partsPurged lists.
    func unexcused() -> [Finding] {
        gaps.sorted { $0.key < $1.key }.flatMap { position, gap in
            (0..<gap.parts.bitWidth).filter { gap.parts & 1 << $0 != 0 }.map { part in
                Finding(
                    .missingBody,
                    at: position,
                    "part \(part) is empty and no later partsPurged with a destruction lists it"
                )
            }
        }
    }
}
