// Who holds a statement up: asked on a second connection while it waits, for afterwards nobody
// knows.

internal import Foundation
internal import Synchronization

/// Watches one session while it may have to wait for others.
final class BlockWatch: Sendable {
    private struct State {
        var process: Int?
        var found: [String] = []
        var hasEnded = false
    }

    private let state = Mutex(State())
    private let ending = DispatchSemaphore(value: 0)
    private let configuration: ConnectionConfiguration
    private let pause: Duration

    init(_ configuration: ConnectionConfiguration, every pause: Duration) {
        self.configuration = configuration
        self.pause = pause
    }

    /// Begins to look at a session, on a thread that ends with ``end()``.
    func begin(_ process: Int) {
        let isFirst = state.withLock { state in
            defer { state.process = process }
            return state.process == nil
        }
        guard isFirst else { return }
        Thread.detachNewThread { [self] in
            var connection: Connection?
            let seconds = pause / .seconds(1)
            while ending.wait(timeout: .now() + seconds) == .timedOut { look(&connection) }
        }
    }

    func end() {
        let isRunning = state.withLock { state in
            defer { state.hasEnded = true }
            return state.process != nil && !state.hasEnded
        }
        if isRunning { ending.signal() }
    }

    /// An error of a wait that was too long, with those who were waited for.
    func naming(_ error: PostgresError) -> PostgresError {
        let sessions = state.withLock { $0.found }
        guard error.sqlState == "55P03" else { return error }
        let names =
            sessions.isEmpty ? "a session that is gone by now" : sessions.joined(separator: ", ")
        return PostgresError(.refused, sqlState: error.sqlState, message: "held up by \(names)")
    }

    /// Remembers the sessions that are in the way; one that cannot be asked about is not.
    private func look(_ connection: inout Connection?) {
        guard let process = state.withLock({ $0.process }) else { return }
        do throws(PostgresError) {
            let open = if let connection { connection } else { try Connection(configuration) }
            connection = open
            let rows = try open.query(Self.question, [.integer(Int32(clamping: process))])
            guard rows.count > 0 else { return }
            var found: [String] = []
            for row in 0..<rows.count { found.append(try rows.text(row, 0)) }
            state.withLock { $0.found = found }
        } catch {
            connection = nil
        }
    }

    /// Sessions of other logins tell when they began to members of pg_read_all_stats only.
    private static let question = """
        SELECT format('session %s (%s) since %s', pid,
            coalesce(
                nullif(regexp_replace(application_name, '[^[:print:]]', '?', 'g'), ''), 'unknown'),
            coalesce(
                to_char(xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'unknown'))
        FROM pg_catalog.pg_stat_activity
        WHERE pid = ANY (pg_catalog.pg_blocking_pids($1)) ORDER BY pid LIMIT 8
        """
}
