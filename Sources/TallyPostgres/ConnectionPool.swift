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

    private typealias Job = @Sendable (Result<Connection, PostgresError>) -> Void

    private struct State {
        var jobs: [Job] = []
        var workers = 0
        var idle = 0
        var isClosed = false
    }

    private let configuration: ConnectionConfiguration
    private let size: Int
    private let state = Mutex(State())
    private let available = DispatchSemaphore(value: 0)

    /// Makes a pool that opens connections as they are needed, at most `size` of them.
    package init(_ configuration: ConnectionConfiguration, size: Int) {
        self.configuration = configuration
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
    /// - Throws: what `body` throws; `overloaded` when the queue is full; `unreachable` when no
    ///   connection can be made; `closed` after ``close()``.
    package func withConnection<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            submit { connection in
                continuation.resume(with: Result { try body(connection.get()) })
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
        if let refusal { return job(.failure(refusal)) }
        available.signal()
    }

    private func startWorker() {
        let configuration = configuration
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
                job(Self.reuse(&connection, configuration))
            }
        }
    }

    private static func reuse(
        _ connection: inout Connection?,
        _ configuration: ConnectionConfiguration
    ) -> Result<Connection, PostgresError> {
        if let usable = connection, usable.isUsable { return .success(usable) }
        connection = nil
        return Result { () throws(PostgresError) in
            let opened = try Connection(configuration)
            connection = opened
            return opened
        }
    }

    private func takeJob() -> Job? {
        state.withLock { $0.jobs.isEmpty ? nil : $0.jobs.removeFirst() }
    }
}
