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

    /// What another tenant's refusal would take out of the batch must not be part of one's own.
    @Test func aTenantThatIsNotThereTakesNothingOutOfAnothersLog() async throws {
        let tenant = try await Database.tenant("acme")
        let writer = try TestLedger.current.connection(role: "tally_writer")
        let superuser = try Database.superuser()
        let before = try superuser.contents()
        var batch = try RawBatch([tenant], count: 3, on: writer)
        batch.events[1].tenant = 2
        batch.heads.append((.random(), 999_999, 1, .zero, 0))
        batch.replaced["t_firsts"] = "ARRAY[1, 4, 4]"
        for form in AppendForm.allCases where form != .perTenant {
            #expect(writer.refusal(batch.statement(form)) != nil, "\(form)")
        }
        #expect(try superuser.contents() == before)
    }

    @Test func aRequestThatSpansTenantsHidesNoFencedKey() async throws {
        let tenant = try await Database.tenant("acme")
        let writer = try TestLedger.current.connection(role: "tally_writer")
        let superuser = try Database.superuser()
        var batch = try RawBatch([tenant], count: 2, on: writer)
        let key = Hex.encode(Array(batch.events[0].parts[0][1..<33]))
        try superuser.execute(
            """
            INSERT INTO tally.key_fence VALUES
                ('\\x\(String(repeating: "01", count: 16))', '*', gen_random_uuid(), 0, 1, NULL, 1);
            INSERT INTO tally.fenced_key (slot, key_id, erasure_id)
            VALUES (1, '\\x\(key)', gen_random_uuid())
            """
        )
        let before = try superuser.contents()
        #expect(try writer.texts(batch.statement(.judged)) == ["key_fenced", "retry"])
        var stranger = try RawBatch([tenant], count: 1, on: writer).events[0]
        stranger.tenant = 1
        for number in batch.events.indices { batch.events[number].tenant = 2 }
        batch.events.insert(stranger, at: 0)
        batch.heads.insert((.random(), -5, 1, .zero, 0), at: 0)
        batch.replaced["r_firsts"] = "ARRAY[1, 3]"
        #expect(writer.refusal(batch.statement(.judged)) != nil)
        #expect(try superuser.contents() == before)
    }

    @Test func aFurtherPartThatIsNullIsNoPart() async throws {
        let tenant = try await Database.tenant("acme")
        let writer = try TestLedger.current.connection(role: "tally_writer")
        let superuser = try Database.superuser()
        let before = try superuser.contents()
        var batch = try RawBatch([tenant], count: 1, on: writer)
        batch.events[0].parts.append([1] + SecureRandom.bytes(92))
        batch.events[0].leaf.partDigests = batch.events[0].parts.map { SHA256.hash($0) }
        batch.events[0].bend = { $0[83] = 3 }
        batch.replaced["x_events"] = "ARRAY[1, 1]"
        batch.replaced["x_parts"] = "ARRAY[\(batch.elements("x_parts")[0]), NULL]::bytea[]"
        for form in AppendForm.allCases where form != .plain {
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
