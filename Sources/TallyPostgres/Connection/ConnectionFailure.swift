// Why no connection came about: whether trying again can help, and libpq's words as far as they may
// be shown.

internal import CLibPQ
internal import Glibc

/// Tells a server that is not there from a connection that can never succeed.
enum ConnectionFailure {
    /// What the system says of a server that may come back.
    private static let absences =
        [
            ECONNREFUSED, ECONNRESET, ECONNABORTED, ETIMEDOUT, EHOSTUNREACH, EHOSTDOWN, ENETUNREACH,
            ENETDOWN, ENETRESET, ENOENT, EPIPE, EAGAIN, EINTR,
        ].map { String(cString: strerror($0)) }
        + [
            "timeout expired", "Temporary failure in name resolution",
            "server closed the connection",
            "EOF detected", "server is in hot standby mode", "server is not in hot standby mode",
            "session is read-only", "session is not read-only", "lost synchronization",
        ]

    /// The failure of a connection that libpq could not make.
    static func error(_ message: String, of configuration: ConnectionConfiguration) -> PostgresError
    {
        let shown = safe(message, uri: configuration.uri)
        guard !isAbsence(message) else { return PostgresError(.unreachable, message: shown) }
        // The server may go away between the two, and then it was only about to.
        switch ConnectionDiagnosis.make(configuration) {
        case .passing: return PostgresError(.unreachable, message: shown)
        case .failed(let words):
            return PostgresError(isAbsence(words) ? .unreachable : .rejected, message: shown)
        case .refused(let state):
            let isPassing = ["53", "55", "57", "58", "XX"].contains(state.prefix(2))
            return PostgresError(
                isPassing ? .unreachable : .rejected,
                sqlState: state,
                message: shown
            )
        }
    }

    /// Whether a server is not there that may come back; of several hosts one is enough.
    private static func isAbsence(_ message: String) -> Bool {
        absences.contains { message.contains($0) }
    }

    /// Refuses a URI that libpq cannot read, before it shows up in an error of libpq's.
    static func check(_ uri: String) throws(PostgresError) {
        guard uri.contains("://") || uri.contains("=") else { return }
        var complaint: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(uri, &complaint) else {
            let text = complaint.map { String(cString: $0) } ?? ""
            PQfreemem(complaint)
            throw PostgresError(.rejected, message: unreadable(text))
        }
        PQconninfoFree(options)
        guard !value("host", in: uri).contains("@") else {
            throw PostgresError(
                .rejected,
                message: "the URI has a second @; in a password it is written %40"
            )
        }
    }

    /// Names of parameters are the caller's typing errors; everything else may be a password.
    private static func unreadable(_ complaint: String) -> String {
        let isHarmless =
            complaint.hasPrefix("invalid URI query parameter")
            || complaint.hasPrefix("invalid connection option")
        let line = complaint.split(separator: "\n").first.map(String.init) ?? ""
        return isHarmless ? line : "libpq cannot read the URI, whose words are not shown here"
    }

    private static func safe(_ message: String, uri: String) -> String {
        let lines = message.split(separator: "\n").filter { !$0.hasPrefix("\t") }
        let text = lines.prefix(ConnectionLimits.shownHosts).joined(separator: "; ")
        let password = value("password", in: uri)
        let clean = password.isEmpty ? text : text.replacing(password, with: "…")
        return clean.isEmpty ? "PostgreSQL cannot be reached" : clean
    }

    /// What a URI says of one of libpq's parameters.
    private static func value(_ keyword: String, in uri: String) -> String {
        guard let options = PQconninfoParse(uri, nil) else { return "" }
        defer { PQconninfoFree(options) }
        var option = options
        while let name = option.pointee.keyword {
            if strcmp(name, keyword) == 0 {
                return option.pointee.val.map { String(cString: $0) } ?? ""
            }
            option += 1
        }
        return ""
    }
}
