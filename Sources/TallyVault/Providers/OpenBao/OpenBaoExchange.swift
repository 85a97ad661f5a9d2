// One HTTP request and its answer. URLSession follows redirects by itself unless a delegate says
// no, and with them the token would go to another server.

internal import Foundation
internal import FoundationNetworking
internal import Synchronization

/// What came back from the server.
struct OpenBaoAnswer: Sendable {
    let status: Int
    var body: Data
}

/// A URL session that follows no redirect and reads no answer beyond a bound.
final class OpenBaoExchange: Sendable {
    private let collector = Collector()
    private let session: URLSession

    init() {
        let configuration = URLSessionConfiguration.ephemeral
        let timeout = TimeInterval(VaultLimits.providerTimeout.components.seconds)
        configuration.timeoutIntervalForRequest = timeout
        configuration.timeoutIntervalForResource = timeout
        configuration.urlCache = nil
        configuration.httpCookieStorage = nil
        configuration.urlCredentialStorage = nil
        session = URLSession(configuration: configuration, delegate: collector, delegateQueue: nil)
    }

    deinit { session.finishTasksAndInvalidate() }

    /// Sends a request and waits for the whole answer, 10 seconds at most.
    func send(_ request: URLRequest) async -> Result<OpenBaoAnswer, URLError> {
        await withCheckedContinuation { continuation in
            let task = session.dataTask(with: request)
            collector.expect(task, continuation)
            task.resume()
        }
    }
}

/// The session's delegate: gathers the bytes of each answer until it is whole.
private final class Collector: NSObject, URLSessionDataDelegate, Sendable {
    typealias Waiting = CheckedContinuation<Result<OpenBaoAnswer, URLError>, Never>

    private let pending = Mutex<[Int: (waiting: Waiting, body: Data)]>([:])

    func expect(_ task: URLSessionTask, _ waiting: Waiting) {
        pending.withLock { $0[task.taskIdentifier] = (waiting, Data()) }
    }

    func urlSession(
        _ session: URLSession,
        task: URLSessionTask,
        willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest,
        completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }

    func urlSession(
        _ session: URLSession,
        dataTask: URLSessionDataTask,
        didReceive data: Data
    ) {
        let id = dataTask.taskIdentifier
        let refused = pending.withLock { pending -> Waiting? in
            pending[id]?.body.append(data)
            guard let size = pending[id]?.body.count, size > VaultLimits.providerAnswerBytes else {
                return nil
            }
            return pending.removeValue(forKey: id)?.waiting
        }
        guard let refused else { return }
        dataTask.cancel()
        refused.resume(returning: .failure(URLError(.dataLengthExceedsMaximum)))
    }

    func urlSession(
        _ session: URLSession,
        task: URLSessionTask,
        didCompleteWithError error: (any Error)?
    ) {
        guard
            let (waiting, body) = pending.withLock({ $0.removeValue(forKey: task.taskIdentifier) })
        else { return }
        if let response = task.response as? HTTPURLResponse, error == nil {
            waiting.resume(
                returning: .success(OpenBaoAnswer(status: response.statusCode, body: body))
            )
        } else {
            waiting.resume(returning: .failure(error as? URLError ?? URLError(.badServerResponse)))
        }
    }
}
