// The bounds of making connections, and of trying again, in one place.

/// The named bounds of connections.
package enum ConnectionLimits {
    /// The pause before a server that does not answer is tried again.
    package static let redialPause: Duration = .milliseconds(200)

    /// How long a second look at a failed login may take, which asks for the server's code.
    static let diagnosis: Duration = .seconds(5)

    /// How often a reading call is made again on a standby whose replay came into its way.
    static let recoveryConflicts = 5

    /// How many connections are made at most to learn whether a pooler shares one among callers.
    static let poolerProbes = 3

    /// How often a session that may have to wait is looked at.
    package static let blockLook: Duration = .seconds(1)

    /// How many parameters a statement may have: the protocol counts them in 16 bits.
    package static let parameters = 65_535

    /// How many prepared statements a connection keeps before it drops all of them.
    static let preparedStatements = 512

    /// How many lines of libpq's words about a failed connection are shown, one for each host.
    static let shownHosts = 4
}
