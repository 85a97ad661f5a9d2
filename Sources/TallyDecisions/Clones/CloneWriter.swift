// Writes documents of one tenant into another as imported events: one a document, under new keys.
// What is there already is not written again.

internal import TallyCore
internal import TallyReplay
internal import TallyStore
internal import TallyVault

/// Appends the documents of one clone.
struct CloneWriter: Sendable {
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
    func write(_ documents: [FoldedStream]) async throws(Problem) -> Int {
        let versions = try await versions(documents)
        var (batch, bytes): ([NewEvent], Int) = ([], 0)
        for (document, version) in zip(documents, versions) {
            for event in events(of: document, after: version) {
                let more = event.byteCount
                if batch.count == StoreLimits.requestEvents
                    || bytes + more > StoreLimits.requestBytes
                {
                    try await append(batch)
                    (batch, bytes) = ([], 0)
                }
                batch.append(event)
                bytes += more
            }
        }
        try await append(batch)
        return documents.count
    }

    /// How many events of each document are there already.
    private func versions(_ documents: [FoldedStream]) async throws(Problem) -> [Int] {
        let index = try await vault.index(clone)
        let tags = documents.map { index.tag(.stream, $0.stream) }
        let found = try await names.newest(clone, tags.map { ($0, Int(Int32.max)) })
        return tags.map { found[$0]?.stored.version ?? 0 }
    }

    /// A put, and patches for what does not fit into it.
    ///
    /// The same document is always cut in the same way, so that a run can go on within one.
    private func events(of document: FoldedStream, after version: Int) -> [NewEvent] {
        guard let content = document.content, version == 0 || !DocumentPieces.isOne(content) else {
            return []
        }
        return DocumentPieces.cut(content).enumerated().dropFirst(version).map { number, piece in
            var event = event(
                number == 0 ? .put : .patch,
                document.stream,
                piece.data?.canonical(),
                after: number
            )
            for (name, value) in piece.personal { event.personal[name.key] = value.canonical() }
            return event
        }
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
        event.expecting = version == 0 ? .noStream : .version(version)
        return event
    }

    private func append(_ events: [NewEvent]) async throws(Problem) {
        guard !events.isEmpty else { return }
        do {
            let sealed = try await sealer.seal(
                events,
                for: clone,
                request: nil,
                kind: .imported
            )
            _ = try await appender.append(sealed)
        } catch let error as Problem {
            switch error.code {
            case .erased, .versionConflict: throw Self.overtaken
            case .frozen: throw Problem.restoreStopped
            default: throw error
            }
        } catch {
            throw Problem.restoreCutOff
        }
    }

    private static let overtaken = Problem(
        .unavailable,
        "an erasure, or another process that applies the same restore, has come in between",
        hint: "apply it again"
    )
}
