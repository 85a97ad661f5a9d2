// A pooler that hands a server's session to another caller after each transaction would carry our
// role and our settings to strangers, and theirs to us. It is found out before either is set.

internal import CLibPQ

/// Looks for a pooler in transaction mode.
enum PoolerCheck {
    /// Refuses a connection behind one.
    ///
    /// A server tells its process at the login; a pooler tells a number of its own. One that gives
    /// two callers at a time the same process shares it; one in session mode never does.
    static func run(
        _ connection: Connection,
        _ configuration: ConnectionConfiguration
    ) throws(PostgresError) {
        let server = try connection.serverProcess()
        guard server != connection.toldProcess, !configuration.isProbe else { return }
        var probe = configuration
        probe.isProbe = true
        for _ in 0..<ConnectionLimits.poolerProbes {
            let other = try Connection(probe)
            guard try other.serverProcess() == connection.serverProcess() else { continue }
            throw PostgresError(
                .rejected,
                message: "a pooler in transaction mode, such as pgbouncer, stands before PostgreSQL"
            )
        }
    }
}
