// Reads a stream from its newest event back, as far as its document needs.

package import TallyCore
package import TallyPostgres
package import TallyStore
package import TallyVault

/// A stream's name and document at some version.
package struct FoldedStream: Sendable {
    /// The stream's name.
    package let stream: String
    /// The version of its newest event.
    package let version: Int
    /// The position of its newest event.
    package let position: Int
    /// The document; `nil` when there is none.
    package let content: DocumentContent?
}

/// Folds single streams out of the log.
package struct StreamReader: Sendable {
    private let reader: LogReader
    private let opener: EventOpener

    /// Reads through connections of role tally_reader.
    package init(pool: ConnectionPool, vault: Vault) {
        reader = LogReader(pool: pool)
        opener = EventOpener(vault: vault)
    }

    /// The document of a stream as of some position or version; `nil` for a stream without events.
    ///
    /// - Parameters:
    ///   - tenant: whose stream it is.
    ///   - stream: its blind tag.
    ///   - version: the newest version that counts.
    ///   - position: the first position that no longer counts.
    ///   - skipped: positions that are left out, as if they were notes.
    ///   - known: a version whose document is known, where there is one; reading ends there.
    /// - Returns: the stream with its document, which may be `nil`.
    /// - Throws: `erased` when an envelope is gone, `misconfigured` when an event cannot be folded.
    /// - Complexity: O(events since the last put, delete or known version).
    package func fold(
        _ tenant: TenantID,
        _ stream: BlindTag,
        through version: Int = Int(Int32.max),
        before position: Int,
        skipping skipped: Set<Int> = [],
        known: (version: Int, stream: String, content: DocumentContent)? = nil
    ) async throws(StoreError) -> FoldedStream? {
        var pages = Pages(tenant: tenant, stream: stream, before: position)
        guard let newest = try await next(&pages, version) else { return nil }
        var name: String?
        let top = newest.stored.version ?? 0
        var chain = FoldChain(from: top)
        do {
            while chain.next > 0, chain.next != known?.version {
                guard let event = try await next(&pages, chain.next) else {
                    throw FoldError(.gap, at: chain.next)
                }
                if skipped.contains(event.stored.position) {
                    try chain.take(FoldEvent(skipped: event))
                } else {
                    try chain.take(try FoldEvent(event))
                    name = try name ?? event.open(event.envelope ?? .damaged("no envelope")).stream
                }
            }
            let base = chain.next == known?.version ? known?.content : nil
            return FoldedStream(
                stream: name ?? known?.stream ?? "",
                version: top,
                position: newest.stored.position,
                content: try chain.fold(onto: base)
            )
        } catch let error as FoldError {
            throw newest.unfoldable(error)
        } catch let error as StoreError {
            throw error
        } catch {
            throw newest.unreadable("cannot be read")
        }
    }

    /// Events that were read and are not used yet.
    private struct Pages {
        let tenant: TenantID
        let stream: BlindTag
        let before: Int
        var size = ReplayLimits.streamPage
        var events: [OpenedEvent] = []
    }

    /// The newest event up to a version.
    private func next(
        _ pages: inout Pages,
        _ version: Int
    ) async throws(StoreError) -> OpenedEvent? {
        while let last = pages.events.last, last.stored.version ?? 0 > version {
            pages.events.removeLast()
        }
        if pages.events.isEmpty { try await read(&pages, version) }
        return pages.events.last
    }

    private func read(_ pages: inout Pages, _ version: Int) async throws(StoreError) {
        let (tenant, stream, before, size) = (
            pages.tenant, pages.stream, pages.before, pages.size
        )
        pages.size = min(2 * size, ReplayLimits.largestStreamPage)
        let rows = try await reader.scoped(tenant) { connection in
            try LogReader.newest(
                connection,
                tenant,
                stream: stream,
                through: version,
                before: before,
                limit: size
            )
        }
        pages.events = try await opener.open(rows, of: tenant).reversed()
    }
}

extension OpenedEvent {
    package func unfoldable(_ error: FoldError) -> StoreError {
        StoreError(
            .misconfigured,
            "the stream of event \(stored.position) cannot be folded: \(error)",
            hint: "run tally verify --open: it names every event that is not as it was written"
        )
    }
}
