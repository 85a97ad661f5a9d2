// A caller's claim to the receipts of a request that is on its way.

internal import Synchronization

/// Resolves once, for one waiter; whoever waits may be cancelled without disturbing the request.
package final class Ticket: Sendable {
    private enum State {
        case pending
        case awaited(CheckedContinuation<[Receipt], any Error>)
        case resolved(Result<[Receipt], any Error>)
    }

    private let state = Mutex(State.pending)

    /// A claim whose request is on its way.
    package init() {}

    /// A claim whose receipts are known.
    package init(resolved receipts: [Receipt]) {
        state.withLock { $0 = .resolved(.success(receipts)) }
    }

    func resolve(_ result: Result<[Receipt], any Error>) {
        let waiter: CheckedContinuation<[Receipt], any Error>? = state.withLock { state in
            switch state {
            case .pending:
                state = .resolved(result)
                return nil
            case .awaited(let waiter):
                state = .resolved(result)
                return waiter
            case .resolved: return nil
            }
        }
        waiter?.resume(with: result)
    }

    /// Waits for the receipts.
    ///
    /// A cancelled task stops waiting; its request is stored or not regardless, since it shares
    /// a batch with others.
    /// - Throws: a ``StoreError``, or `CancellationError`.
    package func receipts() async throws -> [Receipt] {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { wait($0) }
        } onCancel: {
            resolve(.failure(CancellationError()))
        }
    }

    private func wait(_ continuation: CheckedContinuation<[Receipt], any Error>) {
        let result: Result<[Receipt], any Error>? = state.withLock { state in
            if case .resolved(let result) = state { return result }
            state = .awaited(continuation)
            return nil
        }
        if let result { continuation.resume(with: result) }
    }
}
