// Wakes whoever waits for new events, in this process: one connection for any number of them.

internal import Foundation
internal import Synchronization
package import TallyPostgres

/// Listens for appends of all processes.
///
/// Waiters are woken at each notification, and once a second in any case, so that a notification
/// that got lost only delays.
package final class AppendListener: Sendable {
    private struct State {
        /// Counts wake-ups, so that none is missed between a look and the wait after it.
        var generation = 0
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var nextID: UInt64 = 0
        var isClosed = false
    }

    private let state = Mutex(State())

    /// Starts listening.
    package init(configuration: ConnectionConfiguration) {
        Thread.detachNewThread { [weak self] in
            var connection: Connection?
            while let self, !self.isClosed {
                connection = Self.wait(connection, configuration)
                self.wakeAll()
            }
        }
    }

    /// Ends listening and wakes everybody.
    package func close() {
        state.withLock { $0.isClosed = true }
        wakeAll()
    }

    /// What ``wait(after:)`` takes: ask for it before looking at the log.
    package var generation: Int { state.withLock { $0.generation } }

    /// Waits until something may have been stored since the generation was asked for.
    ///
    /// Returns at once when the task is cancelled or the listener was closed.
    package func wait(after generation: Int) async {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDue = state.withLock { state in
                    if state.generation != generation || state.isClosed || Task.isCancelled {
                        return true
                    }
                    state.waiters[id] = continuation
                    return false
                }
                if isDue { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }

    /// Whether it was closed; waiting returns at once then.
    package var isClosed: Bool { state.withLock { $0.isClosed } }

    private func wakeAll() {
        let waiters = state.withLock { state in
            state.generation += 1
            defer { state.waiters.removeAll() }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume() }
    }

    private static func wait(
        _ connection: Connection?,
        _ configuration: ConnectionConfiguration
    ) -> Connection? {
        do throws(PostgresError) {
            let open = if let connection { connection } else { try listen(configuration) }
            try open.waitForNotification(milliseconds: StoreLimits.pollMilliseconds)
            return open
        } catch {
            Thread.sleep(forTimeInterval: Double(StoreLimits.pollMilliseconds) / 1000)
            return nil
        }
    }

    private static func listen(
        _ configuration: ConnectionConfiguration
    ) throws(PostgresError) -> Connection {
        let connection = try Connection(configuration)
        // A standby sends no notifications; its readers look for themselves.
        guard !connection.isReadOnly else { return connection }
        try connection.execute("LISTEN \(AppendNotifier.channel)")
        return connection
    }
}
