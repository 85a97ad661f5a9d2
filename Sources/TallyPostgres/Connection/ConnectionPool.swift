// General queries: a few threads, each with its own blocking connection, behind one bounded queue.

internal import Foundation
internal import Synchronization

/// A bounded set of connections, each on a thread of its own.
///
/// Blocking libpq on such threads is faster than its non-blocking form, and no cooperative
/// thread ever waits for the network.
package final class ConnectionPool: Sendable {
    /// How many callers may wait before the next is refused.
    package static let maximumWaiting = 4096

    /// Takes a connection and whether it may ask for another one; says what became of it.
    private typealias Job = @Sendable (Result<Connection, PostgresError>, Bool) -> Outcome

    private enum Outcome {
        case done
        /// A standby wrote nothing, and its replay came into the way of reading.
        case again
        /// A standby was asked to write.
        case needsPrimary
    }

    private struct State {
        var jobs: [Job] = []
        var workers = 0
        var idle = 0
        var isClosed = false
    }

    private let dialer: ConnectionDialer
    private let configuration: ConnectionConfiguration
    private let namesBlockers: Bool
    private let size: Int
    private let state = Mutex(State())
    private let available = DispatchSemaphore(value: 0)

    /// Makes a pool that opens connections as they are needed, at most `size` of them.
    ///
    /// With `namesBlockers` the error of a call that waited too long for a lock says for whom; each
    /// call then costs a thread.
    package init(_ configuration: ConnectionConfiguration, size: Int, namesBlockers: Bool = false) {
        self.configuration = configuration
        self.namesBlockers = namesBlockers
        dialer = ConnectionDialer(configuration)
        self.size = size
    }

    deinit { close() }

    /// Lets callers that wait finish, ends idle connections, and refuses new callers.
    package func close() {
        let workers = state.withLock { state in
            state.isClosed = true
            return state.workers
        }
        for _ in 0..<workers { available.signal() }
    }

    /// Runs `body` with a connection, on that connection's thread.
    ///
    /// A server that was lost is waited for. A standby has done nothing when it refuses, so `body`
    /// runs again: on the primary where there was one, or once the replay is out of its way. So it
    /// must not change anything but the database before it returns.
    /// - Throws: what `body` throws; `overloaded` when the queue is full; `unreachable` when no
    ///   connection can be made; `closed` after ``close()``.
    package func withConnection<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws -> Value
    ) async throws -> Value {
        namesBlockers ? try await withWatchedConnection(body) : try await run(body)
    }

    /// As ``withConnection(_:)``, and the error of a call that waited too long for a lock names the
    /// sessions that held it, as they were seen at each `pause`.
    package func withWatchedConnection<Value: Sendable>(
        lookingEvery pause: Duration = ConnectionLimits.blockLook,
        _ body: @escaping @Sendable (Connection) throws -> Value
    ) async throws -> Value {
        let watch = BlockWatch(configuration, every: pause)
        defer { watch.end() }
        do {
            return try await run { connection in
                watch.begin(connection.toldProcess)
                return try body(connection)
            }
        } catch let error as PostgresError {
            throw watch.naming(error)
        }
    }

    private func run<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            submit { connection, mayRepeat in
                let result = Result { try body(connection.get()) }
                if mayRepeat, let outcome = Self.refusal(result, connection) { return outcome }
                continuation.resume(with: result)
                return .done
            }
        }
    }

    private func submit(_ job: @escaping Job) {
        let refusal: PostgresError? = state.withLock { state in
            guard !state.isClosed else {
                return PostgresError(.closed, message: "the connection pool is closed")
            }
            guard state.jobs.count < Self.maximumWaiting else {
                return PostgresError(.overloaded, message: "too many callers wait for PostgreSQL")
            }
            state.jobs.append(job)
            if state.idle < state.jobs.count, state.workers < size {
                state.workers += 1
                startWorker()
            }
            return nil
        }
        if let refusal {
            _ = job(.failure(refusal), false)
            return
        }
        available.signal()
    }

    private static func refusal<Value>(
        _ result: Result<Value, any Error>,
        _ connection: Result<Connection, PostgresError>
    ) -> Outcome? {
        guard case .failure(let error as PostgresError) = result else { return nil }
        if error.code == .standby { return .needsPrimary }
        let isReplay = error.isRecoveryConflict && (try? connection.get().isReadOnly) == true
        return isReplay ? .again : nil
    }

    private func startWorker() {
        let dialer = dialer
        let next: @Sendable () -> Job? = { [weak self] in self?.takeJob() }
        let available = available
        let idle: @Sendable (Int) -> Void = { [weak self] change in
            self?.state.withLock { $0.idle += change }
        }
        Thread.detachNewThread {
            var connection: Connection?
            while true {
                idle(1)
                available.wait()
                idle(-1)
                guard let job = next() else { return }
                Self.run(job, &connection, dialer)
            }
        }
    }

    private static func run(
        _ job: Job,
        _ connection: inout Connection?,
        _ dialer: ConnectionDialer
    ) {
        for round in 0... {
            let mayRepeat = round < ConnectionLimits.recoveryConflicts
            switch job(reuse(&connection, dialer), mayRepeat) {
            case .done: return
            case .again: continue
            case .needsPrimary:
                connection = nil
                _ = job(reuse(&connection, dialer, primary: true), false)
                return
            }
        }
    }

    private static func reuse(
        _ connection: inout Connection?,
        _ dialer: ConnectionDialer,
        primary: Bool = false
    ) -> Result<Connection, PostgresError> {
        if let usable = connection, usable.isUsable { return .success(usable) }
        connection = nil
        return Result { () throws(PostgresError) in
            let opened = try dialer.dial(primary: primary)
            connection = opened
            return opened
        }
    }

    private func takeJob() -> Job? {
        state.withLock { $0.jobs.isEmpty ? nil : $0.jobs.removeFirst() }
    }
}
