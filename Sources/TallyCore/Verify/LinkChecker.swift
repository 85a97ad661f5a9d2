// Which events were altered, told from which links of the chain are broken.

internal import TallyCrypto

/// What the links say of an event.
enum LinkVerdict: Equatable {
    /// The event after it, or the head, names its hash.
    case named
    /// Nothing that names its hash is left, or nothing that can be believed.
    case unproven
    /// What should name its hash names another one.
    case altered(String)
}

/// Checks each event's `previous` against the hash of the one before it.
///
/// An event changed anywhere but in its `previous` breaks one link, the one to its successor; an
/// event whose `previous` was changed breaks two. So a single broken link accuses the event
/// before it, and a longer run is judged from its end. An event is settled once the link to its
/// successor is known; events leave in the order in which they came.
struct LinkChecker {
    /// How many broken links in a row are judged together.
    private static let maximumRun = 1024

    /// The newest record, whose successor is not known yet.
    private var last: EventRecord
    /// Records each of which has a broken link to the next, `last` being the next of the last.
    private var run: [EventRecord] = []
    /// Whether the run's first records were settled already, because it became too long.
    private var runGoesOn = false
    /// Events that were settled; whoever takes them empties it.
    var settled: [(EventRecord, LinkVerdict)] = []
    /// Where rows are missing, or were written for another place.
    private(set) var breaks = LinkBreaks()
    /// Events whose `previous` is the hash of the one before.
    private(set) var sound = 0
    /// Whether the first event was written after another beginning.
    private(set) var isForeign = false

    init(genesis: Digest) {
        last = EventRecord(boundary: -1, hash: genesis)
    }

    /// Adds the next record.
    mutating func add(_ record: EventRecord) {
        let before = last
        last = record
        if record.previous == before.hash {
            sound += 1
            endRun(record: before)
            settle(before, .named)
        } else if record.follows(before) {
            run.append(before)
            if run.count == Self.maximumRun { shortenRun() }
        } else {
            endRun(record: before)
            settle(before, .unproven)
            breaks.add(from: before, to: record)
        }
    }

    /// Ends the log at its head.
    ///
    /// - Returns: evidence if head and last event disagree about the hash and nothing else: either
    ///   may have been altered.
    mutating func finish(head: Digest, size: Int, recordedAt: UInt64) -> Finding? {
        let newest = last
        let links = sound
        let end = EventRecord(boundary: size, previous: head)
        add(end)
        sound = links
        guard run.count == 1, !runGoesOn, newest.findings.isEmpty,
            newest.leaf?.recordedAt == recordedAt
        else {
            endRun(record: end)
            return nil
        }
        run.removeAll()
        settle(newest, .unproven)
        return Finding(
            .alteredHead,
            at: newest.position,
            "the head commits to \(head.hex), the last event hashes to \(newest.hash.hex); "
                + "one of the two was altered"
        )
    }

    private mutating func settle(_ record: EventRecord, _ verdict: LinkVerdict) {
        guard record.position < 0 else { return settled.append((record, verdict)) }
        if case .altered = verdict { isForeign = true }
    }

    private mutating func endRun(record: EventRecord) {
        guard !run.isEmpty else { return }
        let verdicts = Self.judge(run, committed: record.previous, goesOn: runGoesOn)
        for (record, verdict) in zip(run, verdicts) { settle(record, verdict) }
        run.removeAll(keepingCapacity: true)
        runGoesOn = false
    }

    /// Settles all of a run but its newest record, without waiting for the run's end.
    private mutating func shortenRun() {
        for (index, record) in run.dropLast().enumerated() {
            settle(record, index == 0 && !runGoesOn ? .unproven : Self.between(record))
        }
        run.removeSubrange(..<(run.count - 1))
        runGoesOn = true
    }

    /// Judges a run from its end, where an event that holds names a hash.
    ///
    /// Where an altered event gets the committed hash once its `previous` names the event before
    /// it, only its `previous` was altered, and the event before it is the one that it named.
    /// Otherwise what it names cannot be believed.
    private static func judge(
        _ run: [EventRecord],
        committed: Digest?,
        goesOn: Bool
    ) -> [LinkVerdict] {
        var verdicts: [LinkVerdict] = []
        var committed = committed
        var isNamed = false
        for (index, record) in run.enumerated().reversed() {
            if isNamed {
                verdicts.append(.named)
                committed = record.previous
                isNamed = false
            } else if let hash = committed {
                verdicts.append(
                    .altered("committed \(hash.hex), found \(record.hash.hex)")
                )
                isNamed = index > 0 && record.hash(naming: run[index - 1].hash) == hash
                committed = nil
            } else {
                verdicts.append(index == 0 && !goesOn ? .unproven : between(record))
            }
        }
        return verdicts.reversed()
    }

    /// The verdict on an event between two broken links, the later one to an altered event.
    private static func between(_ record: EventRecord) -> LinkVerdict {
        .altered("found \(record.hash.hex), which the altered event after it does not name")
    }
}
