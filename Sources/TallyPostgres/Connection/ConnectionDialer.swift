// Making connections again and again: a server that was lost is waited for once, by everybody who
// needs it, and no longer than the caller is patient.

internal import Glibc
internal import Synchronization

/// Makes the connections of one pool or lane.
package final class ConnectionDialer: Sendable {
    private struct State {
        /// Whether a server that writes has ever answered.
        var hasSeenPrimary = false
        /// Since when none has answered.
        var lostSince: ContinuousClock.Instant?
        var lastTry = ContinuousClock.now
    }

    private let configuration: ConnectionConfiguration
    private let state = Mutex(State())

    /// Makes connections as the configuration says.
    package init(_ configuration: ConnectionConfiguration) {
        self.configuration = configuration
    }

    /// Connects; waits for a server that is not there.
    ///
    /// Blocks the thread. Once the patience is used up, further calls fail at once until a server
    /// answers again.
    /// - Parameter primary: whether a standby will not do.
    /// - Returns: a connection that is new.
    /// - Throws: `unreachable` when no server has answered in time; `rejected` at once; `standby`
    ///   at once where no primary was ever behind this URI.
    package func dial(primary: Bool = false) throws(PostgresError) -> Connection {
        while true {
            do throws(PostgresError) {
                let connection = try Connection(configuration)
                guard primary, connection.isReadOnly else {
                    found(connection)
                    return connection
                }
                throw PostgresError.standby
            } catch {
                guard mayWait(error) else { throw ended(error) }
            }
            usleep(UInt32(ConnectionLimits.redialPause / .microseconds(1)))
        }
    }

    private func found(_ connection: Connection) {
        state.withLock { state in
            state.lostSince = nil
            if !connection.isReadOnly { state.hasSeenPrimary = true }
        }
    }

    /// What a caller is told at the end of its patience.
    private func ended(_ error: PostgresError) -> PostgresError {
        guard error.code == .standby, state.withLock({ $0.hasSeenPrimary }) else { return error }
        return PostgresError(
            .unreachable,
            message: "only a standby answers, and this needs the primary"
        )
    }

    /// Whether to try again after an error.
    private func mayWait(_ error: PostgresError) -> Bool {
        state.withLock { state in
            guard error.code == .unreachable || error.code == .standby && state.hasSeenPrimary
            else {
                return false
            }
            // After a pause this is another loss.
            if .now - state.lastTry > configuration.patience { state.lostSince = nil }
            state.lastTry = .now
            let since = state.lostSince ?? .now
            state.lostSince = since
            return .now - since < configuration.patience
        }
    }
}
