// Connections that do not come about, or end: what is waited for, what never helps, and what of it
// may be shown.

import Foundation
import TallyPostgres
import TallyTesting
import Testing

@Suite(.serialized)
struct ConnectionFailureTests {
    private static func server() throws -> PrivateCluster { try TestCluster.shared.get().cluster }

    private static func failure(_ uri: String) -> PostgresError? {
        do {
            _ = try Connection(ConnectionConfiguration(uri: uri))
            return nil
        } catch {
            return error
        }
    }

    @Test func whatCanNeverSucceedIsToldFromWhatIsNotThere() throws {
        let uri = try Self.server().uri(database: "postgres")
        let rejected: [(String, String?)] = [
            (uri.replacing("//tally@", with: "//nobody@"), "28000"),
            (uri.replacing("/postgres", with: "/no_such_database"), "3D000"),
            (uri + "?hots=x", nil), (uri + "?sslmode=sometimes", nil),
            (uri + "?sslmode=require&host=127.0.0.1%zz", nil),
            (uri + "?options=-c%20no_such_setting%3D1", "42704"),
            ("postgresql://u:p@ss@nowhere.invalid/x", nil), ("port=0", nil),
        ]
        for (uri, state) in rejected {
            let error = Self.failure(uri)
            #expect(error?.code == .rejected, "\(uri): \(String(describing: error))")
            if let state { #expect(error?.sqlState == state) }
        }
        for uri in [
            "postgresql:///x?host=/nowhere", "postgresql://127.0.0.1:1/x",
            "postgresql://nobody@127.0.0.1:1,127.0.0.1:2/x?target_session_attrs=read-write",
            uri + "?target_session_attrs=standby",
        ] {
            let error = Self.failure(uri)
            #expect(error?.code == .unreachable, "\(uri): \(String(describing: error))")
        }
    }

    @Test func aServerThatTakesNoConnectionsIsWaitedFor() throws {
        let server = try Self.server()
        let admin = try Connection(ConnectionConfiguration(uri: server.uri(database: "postgres")))
        try admin.execute("CREATE DATABASE closed_one WITH ALLOW_CONNECTIONS false")
        let error = Self.failure(server.uri(database: "closed_one"))
        #expect(error?.code == .unreachable)
        #expect(error?.sqlState == "55000")
        try admin.execute("DROP DATABASE closed_one")
    }

    @Test(arguments: [
        "postgresql://u:s3cr%t@/x", "postgresql://u:s3cret@@h/x", "host=/x password='s3cret",
        "postgresql://u:s3cret@[::1/x", "postgresql://u:s3cret@nowhere.invalid/x",
    ])
    func noPasswordIsShown(uri: String) {
        let error = Self.failure(uri)
        #expect(error != nil)
        #expect(error?.description.contains("s3cr") == false, "\(error?.description ?? "")")
    }

    @Test func patienceEndsAndIsNotSpentAgain() throws {
        var configuration = ConnectionConfiguration(uri: "postgresql:///x?host=/nowhere")
        configuration.patience = .seconds(1)
        let dialer = ConnectionDialer(configuration)
        let began = ContinuousClock.now
        #expect(throws: PostgresError.self) { try dialer.dial() }
        #expect(ContinuousClock.now - began >= .seconds(1))
        let again = ContinuousClock.now
        #expect(throws: PostgresError.self) { try dialer.dial() }
        #expect(ContinuousClock.now - again < .milliseconds(900))
    }

    @Test func whoHoldsACallUpIsNamedWithItsProgramAndTime() async throws {
        let server = try Self.server()
        var holder = ConnectionConfiguration(uri: server.uri(database: "postgres"))
        holder.applicationName = "a report"
        let blocker = try Connection(holder)
        try blocker.execute("CREATE TABLE held (a int)")
        try blocker.execute("BEGIN; LOCK TABLE held")
        let pid = try blocker.query("SELECT pg_backend_pid()").integer(0, 0)
        var configuration = ConnectionConfiguration(uri: server.uri(database: "postgres"))
        configuration.lockTimeout = 2000
        let pool = ConnectionPool(configuration, size: 1, namesBlockers: true)
        let error = await #expect(throws: PostgresError.self) {
            try await pool.withConnection { try $0.execute("ALTER TABLE held ADD b int") }
        }
        #expect(error?.sqlState == "55P03")
        #expect(error?.message.contains("session \(pid) (a report) since 20") == true)
        pool.close()
        try blocker.execute("ROLLBACK; DROP TABLE held")
    }
}
