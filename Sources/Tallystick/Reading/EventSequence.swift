// A tenant's events as they come.

internal import TallyReplay

/// Events of a tenant in order, each once, waiting for new ones.
///
/// ```swift
/// for try await event in try acme.events(after: receipt.position) {
///     await index.update(event)
///     last = event.position
/// }
/// ```
///
/// The position of the last event is all that has to be remembered to go on later. Cancel the task to
/// end it.
public struct EventSequence: AsyncSequence, Sendable {
    package let tail: EventTail

    package init(tail: EventTail) {
        self.tail = tail
    }

    /// Begins after the position that was given.
    public func makeAsyncIterator() -> Iterator { Iterator(tail.makeAsyncIterator()) }

    /// One reader's place.
    public struct Iterator: AsyncIteratorProtocol {
        private var events: EventTail.Iterator

        init(_ events: EventTail.Iterator) {
            self.events = events
        }

        /// The next event; waits for it.
        ///
        /// - Throws: ``Problem``; `misconfigured` when the log is not whole.
        public mutating func next() async throws -> Event? {
            do {
                return try await events.next().map { Event($0) }
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                throw Problem(error)
            }
        }
    }
}
