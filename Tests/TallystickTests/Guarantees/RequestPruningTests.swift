// Request rows are kept for 30 days: younger ones stay, older ones go, and the log stays sound.

import TallyCore
import TallyPostgres
import TallyStore
import TallyTesting
import Tallystick
import Testing

@Suite(.database, .serialized)
struct RequestPruningTests {
    @Test func rowsOlderThanThirtyDaysGoAndYoungerOnesStay() async throws {
        let test = try TestLedger.current
        try await test.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            var times: [String: UInt64] = [:]
            for id in ["old", "kept", "new"] {
                times[id] = await acme.answer([.sample("s")], request: id)
                    .receipts[0].recordedAt.micros
            }
            let attacker = try test.attacker()
            func setTime(_ id: String, daysAgo: UInt64) throws {
                let time = try #require(times[id]) - daysAgo * 86_400_000_000
                try attacker.execute(
                    "UPDATE tally.append_request SET recorded_at = \(time) WHERE request_id = "
                        + "'\(id)'"
                )
            }
            try setTime("old", daysAgo: 31)
            try setTime("kept", daysAgo: 29)
            let pool = ConnectionPool(
                ConnectionConfiguration(uri: test.configuration.database, role: "tally_writer"),
                size: 1
            )
            defer { pool.close() }
            #expect(try await RequestPruner.prune(pool) == 1)
            #expect(try await RequestPruner.prune(pool) == 0)
            #expect(try Set(Witness.current.requests(acme.id).keys) == ["kept", "new"])
            try setTime("kept", daysAgo: 0)
            try await Witness.current.expectSound(acme.id)
        }
    }
}
