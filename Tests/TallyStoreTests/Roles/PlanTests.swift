// Plans that must not depend on what statistics happen to know: a tenant that has come since the
// last ones is read by its positions, not by looking at all of its events.

import TallyCore
import TallyPostgres
import TallyTesting
import Tallystick
import Testing

@Suite(.database)
struct PlanTests {
    @Test func aTenantThatIsNewToTheStatisticsIsReadByItsPositions() async throws {
        let known = try await Database.tenant("acme")
        let writer = try TestLedger.current.connection(role: "tally_writer")
        for _ in 0..<3 {
            let batch = try RawBatch([known], count: 300, on: writer)
            #expect(try writer.texts(batch.statement(.plain)) == ["stored"])
        }
        let superuser = try Database.superuser()
        try superuser.execute("ANALYZE tally.event")
        try superuser.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
        _ = try await Database.tenant("globex")
        for slot in [1, 2] {
            let plan = try superuser.texts(
                """
                EXPLAIN SELECT sum(octet_length(body)) FROM tally.event
                WHERE slot = \(slot) AND position >= 10 AND position < 20
                """
            )
            #expect(plan.contains { $0.contains("event_pkey") }, "slot \(slot): \(plan)")
        }
    }
}
