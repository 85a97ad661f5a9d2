// LISTEN: how one process learns that another has written.

internal import CLibPQ
internal import Glibc

extension Connection {
    /// Waits until the server has sent something, or a time has passed.
    ///
    /// The connection must have executed LISTEN. What was sent is thrown away: that something came
    /// is all there is to know. A notification that came with the answer to a statement ends the
    /// wait at once.
    /// - Parameter milliseconds: how long to wait at most.
    /// - Throws: `connectionLost` when the server has gone.
    package func waitForNotification(milliseconds: Int32) throws(PostgresError) {
        guard !takeNotifications() else { return }
        var socket = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
        _ = poll(&socket, 1, milliseconds)
        guard PQconsumeInput(handle) == 1, PQstatus(handle) == CONNECTION_OK else {
            throw PostgresError(
                .connectionLost,
                message: "the connection to PostgreSQL was lost"
            )
        }
        _ = takeNotifications()
    }

    /// Throws away what libpq has read already, which poll() would not see.
    ///
    /// - Returns: whether there was any.
    private func takeNotifications() -> Bool {
        var hasAny = false
        while let notification = PQnotifies(handle) {
            PQfreemem(notification)
            hasAny = true
        }
        return hasAny
    }
}
