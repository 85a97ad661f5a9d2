// Tells other processes that something was stored: after the commit, on a connection of its own,
// and a few times a second at most, so that no append ever waits for it.

internal import Dispatch
internal import Foundation
internal import Logging
internal import Synchronization
internal import TallyPostgres

/// Sends PostgreSQL notifications about appends.
final class AppendNotifier: Sendable {
    /// The channel of the notifications; they have no content.
    static let channel = "tally_append"

    private struct State {
        var isPending = false
        var isClosed = false
    }

    private let state = Mutex(State())
    private let wakeup = DispatchSemaphore(value: 0)

    init(configuration: ConnectionConfiguration) {
        Thread.detachNewThread { [self] in
            var connection: Connection?
            while waitForAppend() {
                connection = Self.send(connection, configuration)
                // What is stored meanwhile goes into the next one.
                Thread.sleep(forTimeInterval: StoreLimits.notifyPause / .seconds(1))
            }
        }
    }

    /// Notes that something was stored; never waits.
    func poke() {
        let mustWake = state.withLock { state in
            defer { state.isPending = true }
            return !state.isPending
        }
        if mustWake { wakeup.signal() }
    }

    func close() {
        state.withLock { $0.isClosed = true }
        wakeup.signal()
    }

    private func waitForAppend() -> Bool {
        wakeup.wait()
        return state.withLock { state in
            state.isPending = false
            return !state.isClosed
        }
    }

    /// A lost notification is made up for by the listeners' own looks.
    private static func send(
        _ connection: Connection?,
        _ configuration: ConnectionConfiguration
    ) -> Connection? {
        do throws(PostgresError) {
            let usable = connection.flatMap { $0.isUsable ? $0 : nil }
            let open = if let usable { usable } else { try Connection(configuration) }
            _ = try open.query("SELECT pg_notify($1, '')", [.text(channel)])
            return open
        } catch {
            return nil
        }
    }
}
