// Writes documents of one tenant into another as imported events: one a document, under new keys. What is
// there already is not written again.

internal import TallyCore
internal import TallyReplay
internal import TallyStore
internal import TallyVault

/// Appends the documents of one clone.
struct CloneWriter: Sendable {
    /// How many personal sections an event may have.
    private static let sections = FormatLimits.partCount.upperBound - 1

    let restore: DecisionID
    let clone: TenantID
    let requester: OperatorID
    let vault: Vault
    let appender: Appender
    let sealer: Sealer
    let names: StreamNames

    /// Writes documents that are not there; gives how many there are of them now.
    ///
    /// - Throws: `unavailable` when an erasure has come in between: apply it again then.
    func write(_ documents: [FoldedStream]) async throws(StoreError) -> Int {
        let missing = try await missing(documents)
        var (batch, bytes): ([NewEvent], Int) = ([], 0)
        for document in missing {
            let events = events(of: document)
            let more = events.reduce(0) { $0 + $1.byteCount }
            if batch.count + events.count > StoreLimits.requestEvents
                || bytes + more > StoreLimits.requestBytes
            {
                try await append(batch)
                (batch, bytes) = ([], 0)
            }
            batch += events
            bytes += more
        }
        try await append(batch)
        return documents.count
    }

    private func missing(_ documents: [FoldedStream]) async throws(StoreError) -> [FoldedStream] {
        let index = try await vault.index(clone)
        let tags = documents.map { index.tag(.stream, $0.stream) }
        let found = try await names.newest(clone, tags.map { ($0, Int(Int32.max)) })
        return zip(documents, tags).filter { found[$0.1] == nil }.map(\.0)
    }

    /// A put, and patches for the sections that do not fit into it.
    ///
    /// Those that hold null come first, which a patch would drop: there are no more of them than one put
    /// had.
    private func events(of document: FoldedStream) -> [NewEvent] {
        guard let content = document.content else { return [] }
        let personal = content.personal.sorted { $0.key < $1.key }
        let sections =
            personal.filter { $0.value.hasNullMember } + personal.filter { !$0.value.hasNullMember }
        var events: [NewEvent] = []
        var event = event(.put, document.stream, content.data.canonical(), after: 0)
        for (name, value) in sections {
            let data = value.canonical()
            if event.personal.count == Self.sections
                || event.byteCount + data.count > StoreLimits.eventBytes
            {
                events.append(event)
                event = self.event(.patch, document.stream, nil, after: events.count)
            }
            event.personal[name.key] = data
        }
        return events + [event]
    }

    private func event(
        _ operation: EventOperation,
        _ stream: String,
        _ data: [UInt8]?,
        after version: Int
    ) -> NewEvent {
        var event = NewEvent(operation, stream: stream, type: "clone.imported", data: data)
        event.actor = "operator:\(requester.hex)"
        event.correlation = restore.hex
        event.expecting = version == 0 ? .none : .version(version)
        return event
    }

    private func append(_ events: [NewEvent]) async throws(StoreError) {
        guard !events.isEmpty else { return }
        do {
            let sealed = try await sealer.seal(
                events,
                for: clone,
                request: "clone/\(EventID.random().hex)",
                kind: .imported
            )
            _ = try await appender.append(sealed)
        } catch let error as StoreError {
            switch error.code {
            case .erased, .versionConflict: throw Self.overtaken
            case .frozen: throw StoreError.restoreStopped
            default: throw error
            }
        } catch {
            throw StoreError.restoreCutOff
        }
    }

    private static let overtaken = StoreError(
        .unavailable,
        "an erasure, or another process that applies the same restore, has come in between",
        hint: "apply it again"
    )
}

extension JSONValue {
    /// Whether a member of it, or of a member's object, is null.
    fileprivate var hasNullMember: Bool {
        objectValue?.members.contains { $0.value == .null || $0.value.hasNullMember } ?? false
    }
}
