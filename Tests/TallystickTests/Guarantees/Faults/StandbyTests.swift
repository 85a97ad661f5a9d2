// A commit that its synchronous standby has not confirmed is never reported as success, and never
// as failure: the request is sent again until its fate is known.

import TallyCore
import TallyPostgres
import TallyStore
import TallyTesting
import Tallystick
import Testing

@Suite struct StandbyTests {
    @Test func anUnconfirmedCommitIsSettledByTheSameRequestAndStoredOnce() async throws {
        let site = try await DedicatedLedger.create()
        defer { site.remove() }
        let ledger = try await Ledger.open(site.configuration)
        let acme = try await ledger.createTenant(named: "acme")
        let isOver = Flag()
        async let answers = callers(4) { _ in
            var mine: [Answer] = []
            while !isOver.isRaised { mine.append(await acme.answer([.sample("s")])) }
            return mine
        }
        let admin = try Connection(
            ConnectionConfiguration(uri: site.cluster.uri(database: "ledger"))
        )
        do {
            try await Self.interrupt(admin)
        } catch {
            isOver.raise()
            try Self.requireStandby("", admin)
            throw error
        }
        isOver.raise()
        let receipts = await answers.flatMap { $0 }.flatMap(\.receipts)
        #expect(await answers.flatMap { $0 }.allSatisfy { $0.problem == nil })
        #expect(receipts.map(\.position).sorted() == Array(1...receipts.count))
        #expect(receipts.map(\.version).sorted() == Array(1...receipts.count))
        let size = try admin.query("SELECT max(size) FROM tally.head")
        #expect(try Int(size.integer(0, 0)) == receipts.count + 1)
        await ledger.close()
    }

    /// Lets commits wait for a standby that is not there, cancels the first wait, and lets the next
    /// one, in which the lane asks what became of its batch, end well.
    private static func interrupt(_ admin: Connection) async throws {
        try requireStandby("nobody", admin)
        let wait = try await waiting(admin)
        _ = try admin.query("SELECT pg_cancel_backend($1)", [.integer(Int32(wait.pid))])
        _ = try await waiting(admin, after: wait.start)
        try requireStandby("", admin)
    }

    private static func requireStandby(_ name: String, _ admin: Connection) throws {
        try admin.execute("ALTER SYSTEM SET synchronous_standby_names = '\(name)'")
        _ = try admin.query("SELECT pg_reload_conf()")
    }

    /// The backend that waits for the standby, once there is one whose transaction is a later one.
    private static func waiting(
        _ admin: Connection,
        after start: Int64 = 0
    ) async throws -> (pid: Int64, start: Int64) {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            let rows = try admin.query(
                """
                SELECT pid, (extract(epoch FROM xact_start) * 1000000)::bigint
                FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND pid <> pg_backend_pid()
                """
            )
            for row in 0..<rows.count where try rows.integer(row, 1) > start {
                return (try rows.integer(row, 0), try rows.integer(row, 1))
            }
            await Task.yield()
        }
        throw PostgresError(.unexpectedResult, message: "nothing waits for the standby")
    }
}
