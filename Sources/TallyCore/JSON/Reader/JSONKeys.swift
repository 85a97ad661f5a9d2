// The keys of the objects the checker is inside of, to find duplicates and to name a place.
// Few plain keys are compared in place, so that a typical event is checked without allocating;
// many, long or escaped ones go through a hash set, whose seed is random and cannot be attacked.

/// The keys of the open objects, outermost first.
///
/// Not copyable, and read by mutating functions through `mutableSpan`: the compiler copies an
/// inline array whole for a plain read, which was a third of the time of a check.
struct JSONKeys: ~Copyable {
    /// The first keys, which need no allocation.
    private var near = InlineArray<32, JSONTextSlice>(repeating: JSONTextSlice())

    /// The keys beyond.
    private var far: [JSONTextSlice] = []

    /// The keys of those open objects that outgrew scanning, by the objects' depth.
    private var sets: [(depth: Int, keys: Set<JSONString>)] = []

    /// The depth of the last of `sets`, or zero.
    private var setDepth = 0

    /// The number of keys in all open objects.
    private(set) var count = 0

    /// The last key.
    mutating func last(in text: Span<UInt8>) throws(JSONFault) -> JSONString {
        try key(count - 1).string(in: text)
    }

    /// Adds a key to the innermost object and tells whether it is new there.
    ///
    /// `first` is the place of that object's first key, and `depth` how deep the object is.
    mutating func insert(
        _ key: JSONTextSlice,
        isEscaped: Bool,
        first: Int,
        depth: Int,
        in text: Span<UInt8>
    ) throws(JSONFault) -> Bool {
        let end = count
        append(key)
        if setDepth != depth {
            let isPlain = !isEscaped && key.length <= JSONLimits.scannedKeyLength
            if isPlain, end - first < JSONLimits.scannedKeys {
                return isNew(key, among: first, end, in: text)
            }
            try openSet(of: first..<end, depth: depth, in: text)
        }
        return sets[sets.count - 1].keys.insert(try key.string(in: text)).inserted
    }

    /// Forgets the keys of the innermost object.
    mutating func close(first: Int, depth: Int) {
        if setDepth == depth {
            sets.removeLast()
            setDepth = sets.last?.depth ?? 0
        }
        if count > near.count { far.removeLast(count - max(first, near.count)) }
        count = first
    }

    /// A key by its place among those of all open objects.
    private mutating func key(_ place: Int) -> JSONTextSlice {
        place < near.count ? near.mutableSpan[place] : far[place - near.count]
    }

    /// Adds a key.
    @inline(__always)
    private mutating func append(_ key: JSONTextSlice) {
        if count < near.count {
            near[count] = key
        } else {
            far.append(key)
        }
        count += 1
    }

    /// Whether none of a few plain keys is the same as another.
    private mutating func isNew(
        _ key: JSONTextSlice,
        among first: Int,
        _ end: Int,
        in text: Span<UInt8>
    ) -> Bool {
        var place = first
        let nearEnd = min(end, near.count)
        while place < nearEnd {
            if near.mutableSpan[place].isSame(as: key, in: text) { return false }
            place += 1
        }
        while place < end {
            if far[place - near.count].isSame(as: key, in: text) { return false }
            place += 1
        }
        return true
    }

    /// Goes over to a hash set for the innermost object.
    private mutating func openSet(
        of places: Range<Int>,
        depth: Int,
        in text: Span<UInt8>
    ) throws(JSONFault) {
        var keys = Set<JSONString>(minimumCapacity: 2 * (places.count + 1))
        for place in places { keys.insert(try key(place).string(in: text)) }
        sets.append((depth, keys))
        setDepth = depth
    }
}
