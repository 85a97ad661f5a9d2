// Whether what was stored under a request's id is that request: told by opening it, which only a
// reused id makes anybody do.

internal import TallyCore

/// What a stored event is to the one that was submitted.
enum StoredComparison {
    case same, other
    /// It does not open, and was not erased.
    case unreadable

    /// Compares all of a stored event that can still be opened: what was erased counts as equal.
    ///
    /// The version that was expected is not stored, so it does not count.
    init(_ stored: OpenedEvent, with draft: EventDraft) {
        guard stored.sections.count == draft.personals.count else {
            self = .other
            return
        }
        var parts = [Self.compare(stored.envelope) { $0.unpackedBytes == draft.plain }]
        parts += zip(stored.sections, draft.personals).map { section, own in
            Self.compare(section) { $0.name == own.name && $0.data == own.data.bytes }
        }
        self = parts.contains(.unreadable) ? .unreadable : parts.contains(.other) ? .other : .same
    }

    private static func compare<Content>(
        _ stored: Opened<Content>?,
        _ isSame: (Content) -> Bool
    ) -> StoredComparison {
        switch stored {
        case .content(let content): isSame(content) ? .same : .other
        case .erased: .same
        case .keyLost, .damaged, nil: .unreadable
        }
    }
}

extension Envelope {
    /// The envelope's bytes as they were before they were compressed and padded.
    fileprivate var unpackedBytes: [UInt8] {
        var plain = self
        plain.data = PartData(identity: data.text)
        return plain.encoded(padded: false)
    }
}
