// What only the keys can show: that stream and version columns are those of the sealed envelopes,
// and that each person's section lies under that person's key.

internal import TallyCore
internal import TallyCrypto
internal import TallyVault

/// Opens each event and compares; versions are counted in the order of positions.
struct ColumnCheck {
    private let index: IndexKey
    private var versions: [BlindTag: Int] = [:]
    /// Events of kinds 1 and 10 seen.
    private(set) var events = 0
    /// Those whose columns and subjects are right.
    private(set) var sound = 0
    /// Parts whose key was destroyed.
    private(set) var erased = 0

    init(index: IndexKey) {
        self.index = index
    }

    /// Compares the next event; gives what is wrong with it.
    mutating func add(_ event: OpenedEvent) -> [Finding] {
        guard let envelope = event.envelope else { return [] }
        events += 1
        var findings = compareColumns(event, envelope)
        for section in event.sections { findings += compare(section, event.stored.position) }
        if findings.isEmpty { sound += 1 }
        return findings
    }

    private mutating func compareColumns(
        _ event: OpenedEvent, _ envelope: Opened<Envelope>
    ) -> [Finding] {
        let position = event.stored.position
        guard let stream = event.stored.stream else { return [] }
        let expected = (versions[stream] ?? 0) + 1
        versions[stream] = event.stored.version ?? expected
        var findings: [Finding] = []
        if event.stored.version != expected {
            findings.append(
                Finding(.alteredColumn, at: position, "version is not the stream's next"))
        }
        switch envelope {
        case .content(let envelope) where index.tag(.stream, envelope.stream) != stream:
            findings.append(
                Finding(.alteredColumn, at: position, "stream is not the envelope's"))
        case .content: break
        case .erased: erased += 1
        case .keyLost: findings.append(Self.lost(position))
        case .damaged(let reason):
            findings.append(Finding(.alteredBody, at: position, reason))
        }
        return findings
    }

    private mutating func compare(
        _ section: Opened<OpenedSection>, _ position: Int
    ) -> [Finding] {
        switch section {
        case .content(let section):
            let isOwners =
                section.keyName.subjectTag == index.tag(.subject, section.name.subject)
                && section.keyName.retentionClass == section.name.retentionClass
            return isOwners
                ? []
                : [
                    Finding(
                        .alteredBody, at: position,
                        "a subject's section lies under another subject's key")
                ]
        case .erased:
            erased += 1
            return []
        case .keyLost: return [Self.lost(position)]
        case .damaged(let reason): return [Finding(.alteredBody, at: position, reason)]
        }
    }

    private static func lost(_ position: Int) -> Finding {
        Finding(.lostKey, at: position, "its key was not erased, but the key store lacks it")
    }
}
