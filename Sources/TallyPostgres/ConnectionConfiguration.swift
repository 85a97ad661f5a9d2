// Where to connect and as whom: a libpq URI, a role, and the bounds of every statement.

/// How a connection is made and what holds for all of its statements.
package struct ConnectionConfiguration: Sendable {
    /// A libpq connection URI; it may hold a password and is never shown.
    package var uri: String
    /// The role to work as, one of our own, or `nil` to stay who the URI says.
    package var role: String?
    /// Settings of our own that hold for the whole connection; names and values are never a caller's.
    package var settings: [String: String] = [:]
    /// How long a statement may run, in milliseconds.
    package var statementTimeout = 60_000
    /// How long a statement may wait for a lock, in milliseconds.
    package var lockTimeout = 10_000
    /// How long making a connection may take, in seconds.
    package var connectTimeout = 10

    /// Connects to `uri` and works as `role`.
    package init(uri: String, role: String? = nil) {
        self.uri = uri
        self.role = role
    }

    /// What each new connection runs first.
    ///
    /// Statements here are short: compiling one would take many times as long as running it.
    var preamble: String {
        let settings = """
            SET statement_timeout = \(statementTimeout); SET lock_timeout = \(lockTimeout);
            SET client_min_messages = warning; SET standard_conforming_strings = on;
            SET application_name = 'tallystick'; SET TimeZone = 'UTC'; SET jit = off;
            """
        let own = self.settings.map { "SET \($0.key) = '\($0.value)';" }.joined(separator: " ")
        return settings + own + (role.map { " SET ROLE \($0);" } ?? "")
    }
}
