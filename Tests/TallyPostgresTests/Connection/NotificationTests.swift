// LISTEN and NOTIFY: a wait ends when another session notifies, when its time is over, or when the
// server has gone.

import TallyPostgres
import TallyTesting
import Testing

struct NotificationTests {
    /// Longer than any test may take, so that a wait that ended was ended by something.
    private static let never: Int32 = 600_000

    /// A connection that listens, and how the others notify it.
    private static func listener(_ channel: String) throws -> Connection {
        let connection = try SharedServer.connect()
        try connection.execute("LISTEN \(channel)")
        return connection
    }

    @Test(.timeLimit(.minutes(1)))
    func aNotificationEndsTheWait() throws {
        let listener = try Self.listener("test_arrives")
        try SharedServer.connect().execute("NOTIFY test_arrives, 'payload'")
        try listener.waitForNotification(milliseconds: Self.never)
        #expect(listener.isUsable)
        #expect(try listener.number("SELECT 1") == 1)
    }

    @Test(.timeLimit(.minutes(1)))
    func aWaitTakesEverythingThatWasSent() throws {
        let listener = try Self.listener("test_drained")
        try SharedServer.connect().execute("NOTIFY test_drained, '1'; NOTIFY test_drained, '2'")
        try listener.waitForNotification(milliseconds: Self.never)
        #expect(try Self.elapsed(listener, 40) >= .milliseconds(39))
    }

    @Test(.timeLimit(.minutes(1)))
    func aNotificationThatCameWithAnAnswerEndsTheWait() throws {
        let listener = try Self.listener("test_early")
        // A session's own notification comes before the end of its answer.
        try listener.execute("NOTIFY test_early")
        try listener.waitForNotification(milliseconds: Self.never)
        #expect(try Self.elapsed(listener, 40) >= .milliseconds(39))
    }

    @Test func aWaitWithoutANotificationEndsInTime() throws {
        let listener = try Self.listener("test_quiet")
        try SharedServer.connect().execute("NOTIFY test_another_channel")
        #expect(try Self.elapsed(listener, 40) >= .milliseconds(39))
        #expect(try Self.elapsed(listener, 0) < .seconds(30))
        #expect(try listener.number("SELECT 1") == 1)
    }

    @Test(.timeLimit(.minutes(1)))
    func aServerThatHasGoneEndsTheWait() throws {
        let listener = try Self.listener("test_gone")
        try SharedServer.terminate(listener.process())
        let error = #expect(throws: PostgresError.self) {
            for _ in 0..<2 { try listener.waitForNotification(milliseconds: Self.never) }
        }
        #expect(error?.code == .connectionLost)
    }

    private static func elapsed(_ listener: Connection, _ wait: Int32) throws -> Duration {
        try ContinuousClock().measure { try listener.waitForNotification(milliseconds: wait) }
    }
}
