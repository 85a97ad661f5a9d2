// A dry run says what the append would say, and leaves no trace: no event, no request, no key.

import TallyCore
import TallyStore
import TallyTesting
import TallyVault
import Tallystick
import Testing

@Suite(.database)
struct RehearsalTests {
    @Test func itFollowsTheVersionsThatEarlierRequestsWouldMake() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            _ = try await acme.append(.sample("s"))
            var rehearsal = try acme.rehearsal()
            try await Self.expectNew(&rehearsal, .sample("s", .version(1)), "1")
            try await Self.expectNew(&rehearsal, .sample("s", .version(2)), "2")
            await Self.expect(.versionConflict, &rehearsal, [.sample("s", .version(2))], "3")
            // A refused request moves nothing.
            try await Self.expectNew(&rehearsal, .sample("s", .version(3)), "4")
            try await Self.expectNew(&rehearsal, .sample("new", .noStream), "5")
            await Self.expect(.versionConflict, &rehearsal, [.sample("new", .noStream)], "6")
            let twice: [NewEvent] = [.sample("u", .noStream), .sample("u", .version(1))]
            _ = try await rehearsal.judge(twice, request: "7")
            try await Self.expectNew(&rehearsal, .sample("u", .version(2)), "8")
            #expect(try Witness.current.eventCount(acme.id) == 1)
        }
    }

    @Test func itKnowsWhatIsStoredAndWhatCameBefore() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let stored = try await acme.append([.sample("s")], request: "old")
            var rehearsal = try acme.rehearsal()
            guard case .stored(stored) = try await rehearsal.judge([.sample("s")], request: "old")
            else { return #expect(Bool(false), "a retry gets its receipts") }
            await Self.expect(.requestReused, &rehearsal, [.sample("other")], "old")
            try await Self.expectNew(&rehearsal, .sample("s"), "pay-\u{e9}")
            try await Self.expectNew(&rehearsal, .sample("s"), "pay-e\u{301}")
            guard case .repeated = try await rehearsal.judge([.sample("s")], request: "pay-\u{e9}")
            else { return #expect(Bool(false), "the same request again") }
            await Self.expect(.requestReused, &rehearsal, [.sample("t")], "pay-\u{e9}")
        }
    }

    @Test func itRefusesWhatTheDoorRefuses() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            var rehearsal = try acme.rehearsal()
            await Self.expect(.invalid, &rehearsal, [.sample("")], "1")
            await Self.expect(.invalid, &rehearsal, [.sample("s", data: "{bad")], "2")
            await Self.expect(.invalid, &rehearsal, [.sample("s")], "")
            await Self.expect(.invalid, &rehearsal, [], "3")
            var small = AppendRehearsal(
                of: acme.id,
                pool: ledger.readers,
                vault: ledger.vault,
                capacity: 0
            )
            await Self.expect(.tooLarge, &small, [.sample("s")], "4")
        }
    }

    @Test func itMakesNoKeysAndRefusesWhomTheAppendRefuses() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            _ = try await ledger.erasures.run(operators.erasure(of: "maria", acme, ledger))
            _ = try await ledger.erasures.run(operators.erasure(of: "nobody", acme, ledger))
            var rehearsal = try acme.rehearsal()
            try await Self.expectNew(&rehearsal, .personal("s", "eva"), "1")
            try await Self.expectNew(&rehearsal, .personal("s", "karl"), "2")
            await Self.expect(.erased, &rehearsal, [.personal("s", "maria")], "3")
            await Self.expect(.erased, &rehearsal, [.personal("s", "nobody")], "4")
            let eva = try await ledger.vault.indexKey(acme.id).tag(.subject, "eva")
            #expect(try await ledger.vault.records(acme.id, of: eva).isEmpty)
        }
    }

    @Test func aFrozenTenantAndTheLedgersOwnAreRefused() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let stored = try await acme.append([.sample("s")], request: "old")
            _ = try await ledger.registry.freeze(acme.id)
            var rehearsal = try acme.rehearsal()
            await Self.expect(.frozen, &rehearsal, [.sample("s")], "1")
            guard case .stored(stored) = try await rehearsal.judge([.sample("s")], request: "old")
            else { return #expect(Bool(false), "a retry gets its receipts") }
            let own = Tenant(ledger: ledger, name: "_ledger", id: ledger.ownTenant)
            #expect(throws: Problem.self) { try own.rehearsal() }
        }
    }

    private static func expectNew(
        _ rehearsal: inout AppendRehearsal,
        _ event: NewEvent,
        _ id: String
    ) async throws {
        guard case .new = try await rehearsal.judge([event], request: id) else {
            return #expect(Bool(false), "\(id) would be stored")
        }
    }

    private static func expect(
        _ code: Problem.Code,
        _ rehearsal: inout AppendRehearsal,
        _ events: [NewEvent],
        _ id: String
    ) async {
        do throws(Problem) {
            _ = try await rehearsal.judge(events, request: id)
            #expect(Bool(false), "\(id) would be refused")
        } catch {
            #expect(error.code == code, "\(id)")
        }
    }
}
