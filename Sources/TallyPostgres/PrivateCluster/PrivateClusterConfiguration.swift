// What a caller chooses about its private PostgreSQL server.
// Everything else (users, sockets, privacy of the log) is fixed by PrivateCluster itself.

/// The choices a caller makes about its private PostgreSQL server.
package struct PrivateClusterConfiguration: Sendable {
    /// The folder that holds everything of this cluster: `data`, `server.log` and the lock file.
    package var directory: String

    /// Extra `postgresql.conf` settings, appended last so that they win over the defaults.
    package var settings: [String: String]

    /// Whether a commit survives a power loss; tests switch it off to start and write faster.
    package var durable: Bool

    /// Extra environment of the server processes, for example `LD_PRELOAD` in fault tests.
    ///
    /// The server does not inherit the environment of its parent, which may hold keys; `PG*`
    /// entries are dropped here too.
    package var environment: [String: String]

    /// Makes a configuration that is durable and has no extra settings unless told otherwise.
    package init(
        directory: String,
        settings: [String: String] = [:],
        durable: Bool = true,
        environment: [String: String] = [:]
    ) {
        self.directory = directory
        self.settings = settings
        self.durable = durable
        self.environment = environment
    }
}
