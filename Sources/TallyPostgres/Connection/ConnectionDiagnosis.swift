// libpq tells the code of a failed statement, but of a failed login only words, in the server's
// language. In its verbose form the code is among the words, and that form must be asked for before
// the login.

internal import CLibPQ
internal import Glibc

/// What a second login says, made to learn why the first one failed.
enum ConnectionDiagnosis {
    /// The server refused, with this code.
    case refused(String)
    /// libpq itself has given up, with these words.
    case failed(String)
    /// It succeeded, or had not ended in time: whatever was in the way is passing.
    case passing

    /// Logs in once more.
    static func make(_ configuration: ConnectionConfiguration) -> ConnectionDiagnosis {
        let started = configuration.withParameters { PQconnectStartParams($0, $1, 1) }
        guard let started else { return .passing }
        defer { PQfinish(started) }
        _ = PQsetErrorVerbosity(started, PQERRORS_VERBOSE)
        guard hasFailed(started) else { return .passing }
        let words = PQerrorMessage(started).map { String(cString: $0) } ?? ""
        return code(in: words).map { .refused($0) } ?? .failed(words)
    }

    /// Waits for the end of a login, and no longer than its bound.
    private static func hasFailed(_ started: OpaquePointer) -> Bool {
        let deadline = ContinuousClock.now + ConnectionLimits.diagnosis
        var awaited =
            PQstatus(started) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING
        while awaited == PGRES_POLLING_READING || awaited == PGRES_POLLING_WRITING {
            var socket = pollfd(
                fd: PQsocket(started),
                events: Int16(awaited == PGRES_POLLING_READING ? POLLIN : POLLOUT),
                revents: 0
            )
            let left = deadline - .now
            guard left > .zero, poll(&socket, 1, Int32(left / .milliseconds(1))) > 0 else {
                return false
            }
            awaited = PQconnectPoll(started)
        }
        return awaited == PGRES_POLLING_FAILED
    }

    /// The first code in words such as `FATAL:  28P01: password authentication failed`.
    private static func code(in words: String) -> String? {
        words.firstMatch(of: #/:  ([0-9A-Z]{5}): /#).map { String($0.1) }
    }
}
