// From an opened event to what the fold takes; what cannot be opened is said, never left out.

package import TallyCore
package import TallyStore

extension FoldEvent {
    /// An event of a caller, as the fold takes it.
    ///
    /// - Throws: `erased` when its envelope is gone, `misconfigured` when a part cannot be opened.
    package init(_ event: OpenedEvent) throws(Problem) {
        guard let envelope = event.envelope, let version = event.stored.version else {
            throw event.unreadable("belongs to no stream")
        }
        let content = try event.open(envelope)
        var sections: [FoldSection] = []
        for section in event.sections {
            switch section {
            case .content(let section): sections.append(.content(section.name, section.data))
            case .erased: sections.append(.erased)
            case .keyLost, .damaged: _ = try event.open(section)
            }
        }
        self.init(
            version: version,
            position: event.stored.position,
            operation: content.operation,
            data: content.data.text,
            sections: sections,
            digests: Array(event.leaf.partDigests.dropFirst())
        )
    }
}

extension FoldEvent {
    /// An event that is left out: it counts as a version, and changes nothing.
    init(skipped event: OpenedEvent) {
        self.init(
            version: event.stored.version ?? 0,
            position: event.stored.position,
            operation: .note
        )
    }
}

extension OpenedEvent {
    /// The content of a part, or why there is none.
    package func open<Content>(_ part: Opened<Content>) throws(Problem) -> Content {
        switch part {
        case .content(let content): return content
        case .erased:
            throw Problem(
                .erased,
                "event \(stored.position) was erased",
                hint: "erased content cannot be brought back"
            )
        case .keyLost: throw unreadable("was sealed under a key that the key store lacks")
        case .damaged(let reason): throw unreadable("is damaged: \(reason)")
        }
    }

    func unreadable(_ reason: String) -> Problem {
        Problem(
            .misconfigured,
            "event \(stored.position) \(reason)",
            hint: "run \(.verifyOpening): it names every event that is not as it was written"
        )
    }
}
