// Connections that end in mid-call, again and again: nobody is told a lie, nothing is stored
// twice, and what nobody can know is settled by a retry under the same id.

import TallyCore
import TallyPostgres
import TallyStore
import TallyTesting
import Tallystick
import Testing

@Suite(.database, .serialized)
struct UnknownOutcomeTests {
    @Test(arguments: [UInt64.random(in: 0..<1_000_000)])
    func backendsThatAreTerminatedUnderLoadLoseAndDoubleNothing(seed: UInt64) async throws {
        print("terminated backends: seed \(seed)")
        let names = (0..<4).map { "tenant-\($0)" }
        try await TestLedger.current.open { ledger in
            let load = try await FaultLoad.make(ledger, tenants: names.count)
            let outcomes = try await load.run { load in
                var random = SeededRandom(seed: seed)
                let witness = Witness(configuration: ledger.configuration)
                let superuser = try witness.superuser()
                let keys = try witness.keyStore().query("SELECT current_database()::text")
                let keysName = try keys.text(0, 0)
                for kill in 1...12 {
                    await load.acknowledged.reached(kill * 30)
                    try Self.terminateOne(superuser, keysName, &random)
                }
            }
            #expect(outcomes.count >= 360)
            try await FaultLoad.settle(outcomes, of: names, in: ledger)
        }
    }

    /// Ends one backend of the ledger's or the key store's database.
    private static func terminateOne(
        _ superuser: Connection,
        _ keys: String,
        _ random: inout SeededRandom
    ) throws {
        let rows = try superuser.query(
            """
            SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()
            AND datname IN (current_database(), $1) ORDER BY backend_start
            """,
            [.text(keys)]
        )
        guard rows.count > 0 else { return }
        let pid = try rows.integer(Int.random(in: 0..<rows.count, using: &random), 0)
        _ = try superuser.query("SELECT pg_terminate_backend($1)", [.integer(Int32(pid))])
    }
}
