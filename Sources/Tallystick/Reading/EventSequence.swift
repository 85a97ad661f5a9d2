// A tenant's events as they come.

internal import TallyCore
internal import TallyReplay

/// Events of a tenant in order, each once, waiting for new ones.
///
/// ```swift
/// for try await event in try acme.tail(after: receipt.cursor) {
///     await index.update(event)
///     last = event.cursor
/// }
/// ```
///
/// The cursor of the last event is all that has to be remembered to go on later. A cancelled task
/// ends it quietly, as `cancelOnGracefulShutdown()` of ServiceLifecycle does in a service. Whatever
/// it finds, it never skips: a log that ends before the cursor, such as an older copy, ends it with
/// `notFound`, and one with another event there with `historyChanged`.
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

        /// The next event, for which it waits; `nil` once the task is cancelled.
        ///
        /// - Throws: ``Problem``: `misconfigured` when the log is not whole, `notFound` when it
        ///   ends before the last event that was seen, `historyChanged` when that is another one
        ///   now.
        public mutating func next() async throws -> Event? {
            do {
                return try await events.next().map { Event($0) }
            } catch is CancellationError {
                return nil
            } catch {
                throw Problem(error)
            }
        }
    }
}
