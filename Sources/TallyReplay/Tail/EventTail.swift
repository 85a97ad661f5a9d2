// A tenant's events as they come: in order, each once, for as long as somebody asks.

package import TallyCore
package import TallyPostgres
package import TallyStore
package import TallyVault

/// The events of a tenant after a position, without an end.
///
/// Position is all the state there is: whoever knows the last event it has seen goes on from there,
/// in another process or another year.
package struct EventTail: AsyncSequence, Sendable {
    private let tenant: TenantID
    private let query: Query
    private let start: Int
    private let reader: LogReader
    private let pages: PageReader
    private let listener: AppendListener

    /// Follows a tenant's log.
    ///
    /// - Parameters:
    ///   - tenant: whose log.
    ///   - query: which of its events.
    ///   - position: the last position that is known already; -1 for none.
    ///   - pool: connections of role tally_reader.
    ///   - vault: the ledger's keys.
    ///   - listener: tells when there may be more.
    package init(
        _ tenant: TenantID,
        _ query: Query = Query(),
        after position: Int,
        pool: ConnectionPool,
        vault: Vault,
        listener: AppendListener
    ) {
        self.tenant = tenant
        self.query = query
        start = Swift.max(-1, Swift.min(position, .max - 1)) + 1
        reader = LogReader(pool: pool)
        pages = PageReader(reader: reader, vault: vault)
        self.listener = listener
    }

    /// Begins at the start.
    package func makeAsyncIterator() -> Iterator { Iterator(tail: self, next: start) }

    /// One reader's place in the log.
    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let tail: EventTail
        /// The position after the last one that was looked at.
        package private(set) var next: Int
        private var page: ArraySlice<OpenedEvent> = []

        fileprivate init(tail: EventTail, next: Int) {
            self.tail = tail
            self.next = next
        }

        /// The next event; waits for it.
        ///
        /// - Throws: a ``StoreError``, or `CancellationError`.
        package mutating func next() async throws -> OpenedEvent? {
            while page.isEmpty {
                try Task.checkCancellation()
                let generation = tail.listener.generation
                let events = try await tail.read(next)
                guard let last = events.last else {
                    await tail.listener.wait(after: generation)
                    continue
                }
                next = last.stored.position + 1
                page = events.filter(tail.query.matches)[...]
            }
            return page.popFirst()
        }
    }

    /// The events from a position on that are there, up to a page of them.
    private func read(_ start: Int) async throws -> [OpenedEvent] {
        let size = try await reader.size(tenant)
        guard start < size else { return [] }
        let range = start..<Swift.min(start + ReplayLimits.pageEvents, size)
        do {
            return try await pages.read(tenant, range).events
        } catch let poison as PoisonEvent {
            throw StoreError.gap(at: poison.position)
        }
    }
}

extension StoreError {
    /// A log that is not whole is never passed on as if it were.
    static func gap(at position: Int) -> StoreError {
        StoreError(
            .misconfigured,
            "event \(position) is missing or damaged",
            hint: "run tally verify: it names every event that is not as it was written"
        )
    }
}
