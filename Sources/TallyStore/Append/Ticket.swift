// A caller's claim to the receipts of a request that is on its way.

internal import Synchronization
package import TallyCore

/// Resolves once, for one waiter; whoever waits may be cancelled without disturbing the request.
package final class Ticket: Sendable {
    private typealias Waiter = CheckedContinuation<Result<[Receipt], Problem>, Never>

    private enum State {
        case pending
        case awaited(Waiter)
        case resolved(Result<[Receipt], Problem>)
    }

    private let state = Mutex(State.pending)

    /// A claim whose request is on its way.
    package init() {}

    /// A claim whose receipts are known.
    package init(resolved receipts: [Receipt]) {
        state.withLock { $0 = .resolved(.success(receipts)) }
    }

    func resolve(_ result: Result<[Receipt], Problem>) {
        let waiter: Waiter? = state.withLock { state in
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
        waiter?.resume(returning: result)
    }

    /// Waits for the receipts.
    ///
    /// A cancelled task stops waiting; its request is stored or not regardless, since it shares
    /// a batch with others.
    /// - Throws: a ``Problem``; `outcomeUnknown` when the task was cancelled.
    package func receipts() async throws(Problem) -> [Receipt] {
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { wait($0) }
        } onCancel: {
            resolve(.failure(Self.cancelled))
        }
        return try result.get()
    }

    private static let cancelled = Problem(
        .outcomeUnknown,
        "cancelled while waiting",
        hint: "retry with the same request id"
    )

    private func wait(_ continuation: Waiter) {
        let result: Result<[Receipt], Problem>? = state.withLock { state in
            if case .resolved(let result) = state { return result }
            state = .awaited(continuation)
            return nil
        }
        if let result { continuation.resume(returning: result) }
    }
}
