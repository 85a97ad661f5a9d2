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
    /// The document; `nil` when there is none, or when it is too large.
    package let content: DocumentContent?
    /// Whether its document has grown beyond ``TallyCore/FoldLimits/documentBytes``.
    package var isTooLarge = false
}

/// Folds single streams out of the log.
package struct StreamReader: Sendable {
    /// A version whose document is known: reading ends there.
    package typealias Known = (version: Int, stream: String, content: DocumentContent)

    private let reader: Session
    private let opener: EventOpener

    /// Reads through connections of role tally_reader.
    package init(pool: ConnectionPool, vault: Vault) {
        reader = Session(pool: pool)
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
    ///   - known: a version whose document is known, where there is one.
    /// - Returns: the stream with its document, which may be `nil`.
    /// - Throws: `erased` when an envelope is gone, `tooLarge` for a document that has outgrown
    ///   memory, `misconfigured` when an event cannot be folded.
    /// - Complexity: O(events since the last put, delete or known version); memory for the document
    ///   and ``TallyCore/FoldLimits/heldBytes``.
    package func fold(
        _ tenant: TenantID,
        _ stream: BlindTag,
        through version: Int = Int(Int32.max),
        before position: Int,
        skipping skipped: Set<Int> = [],
        known: Known? = nil
    ) async throws(Problem) -> FoldedStream? {
        try await resolve(
            tenant,
            stream,
            through: version,
            before: position,
            skipping: skipped,
            known: known
        )?.folded
    }

    /// The same, with the version that a revert may name to get this document back.
    func resolve(
        _ tenant: TenantID,
        _ stream: BlindTag,
        through version: Int,
        before position: Int,
        skipping skipped: Set<Int>,
        known: Known?
    ) async throws(Problem) -> (folded: FoldedStream, resolved: Int)? {
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
            let folded = FoldedStream(
                stream: name ?? known?.stream ?? "",
                version: top,
                position: newest.stored.position,
                content: try await content(chain, onto: base, tenant)
            )
            return (folded, chain.resolved)
        } catch let error as FoldError {
            throw newest.unfoldable(error)
        } catch let error as Problem {
            throw error
        } catch {
            throw newest.unreadable("cannot be read")
        }
    }

    /// Folds what a chain holds, and before it what it let go of: those events are read again.
    private func content(
        _ chain: FoldChain,
        onto base: DocumentContent?,
        _ tenant: TenantID
    ) async throws -> DocumentContent? {
        var content = base
        var places = chain.released[...]
        while let first = places.first {
            let positions = places.prefix(ReplayLimits.largestStreamPage).map(\.position)
            let rows = try await reader.scoped(tenant) {
                try Session.events($0, tenant, at: positions)
            }
            let events = try await opener.open(rows, of: tenant)
            guard !events.isEmpty else { throw FoldError(.gap, at: first.version) }
            for event in events {
                guard let place = places.popFirst(), event.stored.position == place.position else {
                    throw FoldError(.gap, at: first.version)
                }
                try StreamFold.apply(try FoldEvent(event), to: &content)
            }
        }
        return try chain.fold(onto: content)
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
    ) async throws(Problem) -> OpenedEvent? {
        while let last = pages.events.last, last.stored.version ?? 0 > version {
            pages.events.removeLast()
        }
        if pages.events.isEmpty { try await read(&pages, version) }
        return pages.events.last
    }

    private func read(_ pages: inout Pages, _ version: Int) async throws(Problem) {
        let (tenant, stream, before, size) = (
            pages.tenant, pages.stream, pages.before, pages.size
        )
        pages.size = min(2 * size, ReplayLimits.largestStreamPage)
        let rows = try await reader.scoped(tenant) { connection in
            try Session.newest(
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
    package func unfoldable(_ error: FoldError) -> Problem {
        Problem(error, "the stream of event \(stored.position)")
    }
}

extension Problem {
    /// A stream that cannot be folded.
    init(_ error: FoldError, _ stream: String) {
        if error.code == .tooLarge {
            self.init(
                .tooLarge,
                "\(stream) cannot be read as a document: \(error)",
                hint:
                    "append a put or delete to it; until then read its events: "
                    + "\(.documentHistory)"
            )
        } else {
            self.init(
                .misconfigured,
                "\(stream) cannot be folded: \(error)",
                hint: "run \(.verifyOpening): it names every event that is not as it was written"
            )
        }
    }
}
