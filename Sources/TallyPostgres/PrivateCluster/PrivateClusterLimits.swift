// The bounds of every wait and every text in the private cluster, in one place.
// They are ceilings for a sick machine: a healthy start or stop takes well under a second.

/// The named bounds of the private cluster.
package enum PrivateClusterLimits {
    /// The oldest major version of PostgreSQL that is supported.
    package static let minimumMajor = 15

    /// How long `initdb` may take.
    package static let initialization: Duration = .seconds(120)

    /// How long a server may take to accept connections, crash recovery included.
    package static let start: Duration = .seconds(300)

    /// How long a fast shutdown, which writes a checkpoint, may take before an immediate one.
    package static let fastStop: Duration = .seconds(30)

    /// How long an immediate shutdown may take.
    package static let immediateStop: Duration = .seconds(10)

    /// What a supervisor may take on top of the waits of the tools that it runs.
    package static let supervisorMargin: Duration = .seconds(10)

    /// How long the processes of a dead server may take to notice it, or to die from SIGKILL.
    package static let orphanExit: Duration = .seconds(15)

    /// How long a short command such as `postgres --version` may take.
    package static let command: Duration = .seconds(30)

    /// The longest whole shutdown, seen from outside.
    package static let shutdown = fastStop + immediateStop + supervisorMargin

    /// How many bytes of output or log an error quotes at most.
    package static let quotedBytes = 4096

    /// How many lines of output or log an error quotes at most.
    package static let quotedLines = 20

    /// The size of the server's log, in bytes, beyond which a start puts it aside.
    package static let logBytes = 64 << 20

    /// The longest path of a unix socket that the kernel accepts, in bytes.
    package static let socketPathBytes = 107

    /// The longest data directory that PostgreSQL's fixed buffers hold with room for its files.
    package static let directoryPathBytes = 800
}
