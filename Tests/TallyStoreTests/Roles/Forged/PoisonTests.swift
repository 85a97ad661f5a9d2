// Whole attacks on another tenant's head by a stranger with the rights of tally_writer: every
// leaf is well formed for what the function would make of arrays in an order of their own.

import TallyCore
import TallyCrypto
import TallyPostgres
import TallyTesting
import Tallystick
import Testing

@Suite(.database)
struct PoisonTests {
    @Test func tenantsThatStandInterleavedCannotLeaveAGap() async throws {
        try await attack { batch in
            // A tenant's third leaf, linked to a leaf of the other tenant that stands between.
            let between = batch.events[1]
            batch.events[2].leaf.position = batch.events[0].leaf.position + 2
            batch.events[2].leaf.previous = SHA256.hash([0] + between.leafBytes)
            batch.events[2].leaf.recordedAt = between.leaf.recordedAt + 1
        } arranged: { first, second in
            [first[0], second[0], first[1]]
        }
    }

    @Test func anArrayThatBeginsAtZeroCannotExchangeTenants() async throws {
        try await attack { batch in
            // Read by order the tenants are (0, 1), read by subscript they are (1, nothing).
            batch.replaced["t_slots"] = RawBatch.shifted(batch.elements("t_slots"), "int")
            batch.replaced["t_ids"] = RawBatch.shifted(batch.elements("t_ids"), "uuid")
            let victim = batch.heads[1].id
            batch.events[0].leaf.tenant = victim
            batch.events.removeLast()
        } arranged: { first, second in
            [first[0], second[0]]
        }
    }

    @Test func aTenantNamedTwiceCannotForkItsLog() async throws {
        let tenant = try await Database.tenant("acme")
        let writer = try TestLedger.current.connection(role: "tally_writer")
        let superuser = try Database.superuser()
        let before = try superuser.contents()
        var batch = try RawBatch([tenant, tenant], count: 1, on: writer)
        for number in batch.events.indices { batch.events[number].stream = .random() }
        for form in AppendForm.allCases {
            #expect(writer.refusal(batch.statement(form)) != nil, "\(form)")
        }
        #expect(try superuser.contents() == before)
    }

    /// Sends a bent batch of two tenants, the first of which has more events than the second.
    private func attack(
        bend: (inout RawBatch) -> Void,
        arranged: (_ first: [RawEvent], _ second: [RawEvent]) -> [RawEvent]
    ) async throws {
        let tenants = [try await Database.tenant("acme"), try await Database.tenant("globex")]
        let writer = try TestLedger.current.connection(role: "tally_writer")
        let ahead = try RawBatch([tenants[0]], count: 3, on: writer)
        #expect(try Set(writer.texts(ahead.statement(.plain))) == ["stored"])
        let superuser = try Database.superuser()
        let before = try superuser.contents()
        var batch = try RawBatch(tenants, count: 2, on: writer)
        batch.events = arranged(Array(batch.events[..<2]), Array(batch.events[2...]))
        bend(&batch)
        for form in AppendForm.allCases {
            #expect(writer.refusal(batch.statement(form)) != nil, "\(form)")
        }
        #expect(try superuser.contents() == before)
    }
}
