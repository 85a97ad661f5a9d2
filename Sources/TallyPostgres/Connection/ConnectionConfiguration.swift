// Where to connect and as whom: a libpq URI, a role, and the bounds of every statement.

internal import Glibc

/// How a connection is made and what holds for all of its statements.
package struct ConnectionConfiguration: Sendable {
    /// A libpq connection URI; it may hold a password and is never shown.
    package var uri: String
    /// The role to work as, one of our own, or `nil` to stay who the URI says.
    package var role: String?
    /// Settings of our own that hold for the whole connection; names and values are never a
    /// caller's.
    package var settings: [String: String] = [:]
    /// How long a statement may run, in milliseconds.
    package var statementTimeout = 60_000
    /// How long a statement may wait for a lock, in milliseconds.
    package var lockTimeout = 10_000
    /// How long making a connection may take, in seconds.
    package var connectTimeout = 10
    /// How long a server that is not there is waited for, before what was asked of it fails.
    package var patience = Duration.zero
    /// How the connection is called in `pg_stat_activity`.
    package var applicationName = "tallystick"
    /// Whether the connection only looks for a pooler.
    var isProbe = false

    /// Connects to `uri` and works as `role`.
    package init(uri: String, role: String? = nil) {
        self.uri = uri
        self.role = role
    }

    /// What each new connection runs first.
    ///
    /// Statements here are short: compiling one would take many times as long as running it.
    var preamble: String {
        let name = applicationName.replacing("'", with: "")
        let settings = """
            SET statement_timeout = \(statementTimeout); SET lock_timeout = \(lockTimeout);
            SET client_min_messages = warning; SET standard_conforming_strings = on;
            SET application_name = '\(name)'; SET TimeZone = 'UTC'; SET jit = off;
            """
        let own = self.settings.map { "SET \($0.key) = '\($0.value)';" }.joined(separator: " ")
        return settings + own + (role.map { " SET ROLE \($0);" } ?? "")
    }

    /// Gives `body` libpq's parameters, their names and their values.
    ///
    /// What comes after the URI prevails over it and over the environment: text is UTF-8, whatever
    /// either says of `client_encoding`.
    func withParameters<Value>(
        _ body: ([UnsafePointer<CChar>?], [UnsafePointer<CChar>?]) -> Value
    ) -> Value {
        let keywords = [
            "dbname", "connect_timeout", "keepalives_idle", "tcp_user_timeout", "client_encoding",
        ]
        let values = [uri, "\(connectTimeout)", "30", "30000", "UTF8"]
        return withCStrings(keywords) { keywords in withCStrings(values) { body(keywords, $0) } }
    }
}

/// Gives `body` a NULL-terminated array of C strings.
private func withCStrings<Value>(
    _ strings: [String],
    _ body: ([UnsafePointer<CChar>?]) -> Value
) -> Value {
    let owned = strings.map { $0.withCString { strdup($0) } }
    defer { owned.forEach { free($0) } }
    return body(owned.map { UnsafePointer($0) } + [nil])
}
