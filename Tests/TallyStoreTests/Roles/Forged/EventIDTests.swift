// An id names one event for good: receipts, event:ID and before:ID count on it, and what is in the
// log once can never be taken out again.

import TallyCore
import TallyCrypto
import TallyPostgres
import TallyTesting
import Tallystick
import Testing

@Suite(.database)
struct EventIDTests {
    @Test func anIdOfTheLogOrTwiceInABatchIsRefused() async throws {
        let tenants = [try await Database.tenant("acme"), try await Database.tenant("globex")]
        let writer = try TestLedger.current.connection(role: "tally_writer")
        let first = try RawBatch(tenants, count: 2, on: writer)
        _ = try writer.texts(first.statement(.plain))
        let superuser = try Database.superuser()
        let before = try superuser.contents()
        for form in AppendForm.allCases {
            for old in [first.events[0].leaf.eventID, try Self.genesis(tenants[0])] {
                var copy = try RawBatch([tenants[0]], count: 1, on: writer)
                copy.events[0].leaf.eventID = old
                if form.isJudging {
                    #expect(try writer.texts(copy.statement(form)) == ["duplicate"])
                } else {
                    #expect(writer.refusal(copy.statement(form))?.sqlState == "23505")
                }
            }
            var twice = try RawBatch([tenants[0]], count: 2, on: writer)
            twice.events[0].leaf.eventID = twice.events[1].leaf.eventID
            twice.events[1].leaf.previous = SHA256.hash([0] + twice.events[0].leafBytes)
            #expect(writer.refusal(twice.statement(form))?.sqlState == "23505")
        }
        #expect(try superuser.contents() == before)
    }

    @Test func anotherTenantsIdsAreItsOwn() async throws {
        let tenants = [try await Database.tenant("acme"), try await Database.tenant("globex")]
        let writer = try TestLedger.current.connection(role: "tally_writer")
        var batch = try RawBatch(tenants, count: 1, on: writer)
        batch.events[1].leaf.eventID = batch.events[0].leaf.eventID
        #expect(try writer.texts(batch.statement(.judged)) == ["stored", "stored"])
    }

    @Test func anEventIsFoundByItsIdThroughTheIndexInTheTenantThatIsNamed() async throws {
        let tenants = [try await Database.tenant("acme"), try await Database.tenant("globex")]
        let writer = try TestLedger.current.connection(role: "tally_writer")
        let batch = try RawBatch(tenants, count: 3, on: writer)
        _ = try writer.texts(batch.statement(.plain))
        let reader = try TestLedger.current.connection(role: "tally_reader")
        let id = batch.events[1].leaf.eventID.hex
        let slots = batch.heads.map(\.slot)
        let call = "SELECT coalesce(tally.find_event(\(slots[0]), '\(id)'), -1)"
        #expect(try reader.number(call) == -1, "no tenant is named")
        try reader.execute("SET tally.slot = '\(slots[1])'")
        #expect(try reader.number(call) == -1, "another one is")
        try reader.execute("SET tally.slot = '\(slots[0])'")
        #expect(try reader.number(call) == 2)
        let plan = try reader.texts(
            """
            EXPLAIN SELECT position FROM tally.event
            WHERE slot = \(slots[0]) AND event_id = '\(id)'
            """
        )
        #expect(plan.contains { $0.contains("event_slot_event_id_key") }, "\(plan)")
    }

    private static func genesis(_ tenant: TenantID) throws -> EventID {
        let rows = try Database.superuser().query(
            """
            SELECT e.event_id FROM tally.event e JOIN tally.tenant t USING (slot)
            WHERE t.tenant_id = $1 AND e.position = 0
            """,
            [.uuid(tenant.bytes)]
        )
        return try #require(EventID(rows.bytes(0, 0)))
    }
}
