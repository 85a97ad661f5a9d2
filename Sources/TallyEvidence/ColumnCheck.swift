// What only the keys can show: that stream and version columns are those of the sealed envelopes,
// and that each person's section lies under that person's key. The column of the event's id is
// compared with them.

internal import TallyCore
internal import TallyCrypto
internal import TallyStore
internal import TallyVault

/// Opens each event and compares; versions are counted in the order of positions.
struct ColumnCheck {
    /// Whether columns can be checked at all.
    enum Key {
        case index(IndexKey)
        /// Nobody asked.
        case notAsked
        /// The key store does not have the tenant's index key.
        case lost
        /// The tenant's index key was destroyed.
        case erased
    }

    private struct Stream {
        var version = 0
        /// Positions up to this event without one that could be looked at.
        var unseen = 0
    }

    let key: Key
    private var streams: [BlindTag: Stream] = [:]
    private var last = -1
    private var seen = 0
    /// Events of kinds 1 and 10 seen, and others whose id is wrong.
    private(set) var events = 0
    /// Those whose columns and subjects are right.
    private(set) var sound = 0
    /// Parts whose key was destroyed.
    private(set) var erased = 0
    /// The first findings, and how many there are.
    private(set) var findings: [Finding] = []
    private(set) var findingCount = 0

    init(_ key: Key) {
        self.key = key
    }

    /// Compares the next event, unless it is not in its place: then others say so.
    mutating func add(_ event: OpenedEvent) {
        let position = event.stored.position
        guard case .index(let index) = key, position > last else { return }
        last = position
        guard event.leaf.position == UInt64(clamping: position) else { return }
        var found = Self.compareID(event)
        if let envelope = event.envelope {
            seen += 1
            events += 1
            found += compareColumns(event, envelope, index)
            for section in event.sections { found += compare(section, position, index) }
            if found.isEmpty { sound += 1 }
        } else {
            if event.stored.stream == nil { seen += 1 }
            if !found.isEmpty { events += 1 }
        }
        findingCount += found.count
        findings += found.prefix(max(0, LogVerifier.maximumFindings - findings.count))
    }

    private static func compareID(_ event: OpenedEvent) -> [Finding] {
        guard event.stored.eventID != event.leaf.eventID else { return [] }
        let fault = "event_id is not the leaf's"
        return [Finding(.alteredColumn, at: event.stored.position, fault)]
    }

    private mutating func compareColumns(
        _ event: OpenedEvent,
        _ envelope: Opened<Envelope>,
        _ index: IndexKey
    ) -> [Finding] {
        let position = event.stored.position
        var findings: [Finding] = []
        var stream = event.stored.stream
        switch envelope {
        case .content(let envelope):
            let tag = index.tag(.stream, envelope.stream)
            if let stream, stream != tag {
                findings.append(
                    Finding(.alteredColumn, at: position, "stream is not the envelope's")
                )
            }
            stream = tag
        case .erased: erased += 1
        case .keyLost: findings.append(Self.lost(position))
        case .damaged(let reason):
            findings.append(Finding(.alteredBody, at: position, reason))
        }
        if let stream, !counts(event.stored.version, of: stream, at: position) {
            findings.append(
                Finding(.alteredColumn, at: position, "version is not the stream's next")
            )
        }
        return findings
    }

    /// Whether a version is its stream's next; events that are missing may have taken some.
    private mutating func counts(
        _ version: Int?,
        of stream: BlindTag,
        at position: Int
    ) -> Bool {
        let unseen = position + 1 - seen
        let known = streams[stream] ?? Stream()
        let next = known.version + 1
        let possible = next...(next + unseen - known.unseen)
        let isNext = version.map { possible.contains($0) } ?? true
        streams[stream] = Stream(version: isNext ? version ?? next : next, unseen: unseen)
        return isNext
    }

    private mutating func compare(
        _ section: Opened<OpenedSection>,
        _ position: Int,
        _ index: IndexKey
    ) -> [Finding] {
        switch section {
        case .content(let section):
            let isOwners =
                section.keyName.subjectTag == index.tag(.subject, section.name.subject)
                && section.keyName.retentionClass.utf8.elementsEqual(
                    section.name.retentionClass.utf8
                )
            return isOwners
                ? []
                : [
                    Finding(
                        .alteredBody,
                        at: position,
                        "a subject's section lies under another subject's key"
                    )
                ]
        case .erased:
            erased += 1
            return []
        case .keyLost: return [Self.lost(position)]
        case .damaged(let reason): return [Finding(.alteredBody, at: position, reason)]
        }
    }

    private static func lost(_ position: Int) -> Finding {
        Finding(
            .lostKey,
            at: position,
            "its key was not erased, but the key store lacks it or has it damaged"
        )
    }
}
