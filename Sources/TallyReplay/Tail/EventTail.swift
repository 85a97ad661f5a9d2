// A tenant's events as they come: in order, each once, for as long as somebody asks.

package import TallyCore
package import TallyCrypto
package import TallyPostgres
package import TallyStore
package import TallyVault

/// The events of a tenant after a position, without an end.
///
/// Position is all the state there is, with the hash of the event at it where the history matters,
/// too: whoever knows the last event it has seen goes on from there, in another process or another
/// year.
package struct EventTail: AsyncSequence, Sendable {
    private let tenant: TenantID
    private let query: Query
    private let start: Int
    private let known: Digest?
    private let reader: Session
    private let pages: PageReader
    private let listener: AppendListener

    /// Follows a tenant's log.
    ///
    /// - Parameters:
    ///   - tenant: whose log.
    ///   - query: which of its events.
    ///   - position: the last position that is known already; -1 for none.
    ///   - hash: the leaf hash of the event there, if that is known, too.
    ///   - pool: connections of role tally_reader.
    ///   - vault: the ledger's keys.
    ///   - listener: tells when there may be more.
    package init(
        _ tenant: TenantID,
        _ query: Query = Query(),
        after position: Int,
        hash: Digest? = nil,
        pool: ConnectionPool,
        vault: Vault,
        listener: AppendListener
    ) {
        self.tenant = tenant
        self.query = query
        start = Swift.max(-1, Swift.min(position, .max - 1)) + 1
        known = hash
        reader = Session(pool: pool)
        pages = PageReader(reader: reader, vault: vault)
        self.listener = listener
    }

    /// Begins at the start.
    package func makeAsyncIterator() -> Iterator { Iterator(tail: self) }

    /// One reader's place in the log.
    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let tail: EventTail
        /// The position after the last one that was looked at.
        package private(set) var next: Int
        /// The leaf hash of the event before that, once it is known.
        private var known: Digest?
        private var isChecked = false
        private var page: ArraySlice<OpenedEvent> = []

        fileprivate init(tail: EventTail) {
            self.tail = tail
            next = tail.start
            known = tail.known
        }

        /// The next event; waits for it.
        ///
        /// - Throws: a ``Problem``: `notFound` when the log ends before the last event that is
        ///   known, `historyChanged` when that event is another one now; or `CancellationError`.
        package mutating func next() async throws -> OpenedEvent? {
            if !isChecked {
                try await tail.check(next, known)
                isChecked = true
            }
            while page.isEmpty {
                try Task.checkCancellation()
                let generation = tail.listener.generation
                let events = try await tail.read(next)
                guard let first = events.first, let last = events.last else {
                    await tail.listener.wait(after: generation)
                    continue
                }
                // Each leaf names the one before it, so a history that was rewritten shows.
                guard known == nil || first.leaf.previous == known else {
                    throw Problem.historyChanged(at: next - 1)
                }
                next = last.stored.position + 1
                known = last.leafHash
                page = events.filter(tail.query.matches)[...]
            }
            return page.popFirst()
        }
    }

    /// Requires the event before a position to be there, and to be the one that is known.
    private func check(_ start: Int, _ known: Digest?) async throws {
        _ = try await size(from: start)
        guard let known else { return }
        let rows = try await reader.events(tenant, start - 1..<start)
        guard let row = rows.first else { throw Problem.gap(at: start - 1) }
        var hash = SHA256()
        guard Leaf.hash(row.leaf, with: &hash) == known else {
            throw Problem.historyChanged(at: start - 1)
        }
    }

    /// The size of the log, which never shrinks unless its database is another one now.
    private func size(from start: Int) async throws -> Int {
        let size = try await reader.size(tenant)
        guard start <= size else { throw Problem.beyondEnd(start - 1, newest: size - 1) }
        return size
    }

    /// The events from a position on that are there, up to a page of them.
    private func read(_ start: Int) async throws -> [OpenedEvent] {
        let size = try await size(from: start)
        guard start < size else { return [] }
        let range = start..<Swift.min(start + ReplayLimits.pageEvents, size)
        do {
            return try await pages.read(tenant, range).events
        } catch let poison as PoisonEvent {
            throw Problem.gap(at: poison.position)
        }
    }
}

extension Problem {
    /// A log that is not whole is never passed on as if it were.
    static func gap(at position: Int) -> Problem {
        Problem(
            .misconfigured,
            "event \(position) is missing or damaged",
            hint: "run \(.verify): it names every event that is not as it was written"
        )
    }

    /// Whoever has seen an event that is not there waits for the wrong ones.
    static func beyondEnd(_ position: Int, newest: Int) -> Problem {
        Problem(
            .notFound,
            "there is no event \(position): the log ends at event \(newest)",
            hint:
                "if it went further once, this is an older copy of it, or a standby that lags "
                + "behind"
        )
    }

    /// The log is not the one that was followed.
    static func historyChanged(at position: Int) -> Problem {
        Problem(
            .historyChanged,
            "event \(position) is not the one that was seen before: the history was rewritten",
            hint: "keep a copy of everything as it is, and find out which database this is"
        )
    }
}
