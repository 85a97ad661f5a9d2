// Keys made by several processes at once: one key a subject, and the journal has every live key,
// also of a process that died on the way.

import TallyCore
import TallyPostgres
import TallyStore
import TallyTesting
import Tallystick
import Testing

@testable import TallyVault

@Suite(.database, .serialized)
struct TwoVaultTests {
    private static let journalled = "every live key is in the journal"

    @Test func twoLedgersThatMeetTheSameSubjectsMakeOneKeyEach() async throws {
        let test = try TestLedger.current
        try await test.open { one in
            let acme = try await one.createTenant(named: "acme")
            try await test.open { other in
                let same = try await other.tenant(named: "acme")
                // Each caller has its own order of 25 of the 200 subjects at a time.
                let answers = await callers(32) { number in
                    await (number % 2 == 0 ? acme : same).answer(
                        [Self.event((0..<25).map { ($0 * 8 + number / 2) % 200 })])
                }
                #expect(answers.allSatisfy { $0.problem == nil })
            }
            let store = try Witness.current.keyStore()
            let subjects = try store.query(
                """
                SELECT count(*), count(DISTINCT (subject_tag, retention_class)),
                    max(generation) FROM tally_keys.key_record WHERE kind = 2
                """
            )
            #expect(try subjects.integer(0, 0) == 200)
            #expect(try subjects.integer(0, 1) == 200)
            #expect(try subjects.integer(0, 2) == 0)
            #expect(try Self.unjournalled(one) == [], "\(Self.journalled)")
            try await Witness.current.expectSound(acme.id, vault: one.vault)
        }
    }

    @Test func aProcessThatDiesBetweenJournalAndCommitLosesNoKeyInUse() async throws {
        let test = try TestLedger.current
        try await test.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let store = try Witness.current.keyStore()
            let before = try ledger.vault.journal.records(epoch: 1).count
            try Self.failCommits(true, store)
            let failed = await acme.answer([Self.event([1, 2, 3])])
            #expect(failed.problem == .unavailable)
            #expect(try Witness.current.eventCount(acme.id) == 0)
            #expect(try store.query("SELECT FROM tally_keys.key_record WHERE kind = 2").count == 0)
            #expect(try ledger.vault.journal.records(epoch: 1).count == before + 3)
            try Self.failCommits(false, store)
            let stored = await acme.answer([Self.event([1, 2, 3])])
            #expect(stored.receipts.count == 1)
            #expect(try Self.unjournalled(ledger) == [], "\(Self.journalled)")
            try await Witness.current.expectSound(acme.id, vault: ledger.vault)
        }
    }

    @Test func theJournalHasTheKeysOfEveryTenantAndTheLedgersOwn() async throws {
        try await TestLedger.current.open { ledger in
            _ = try await ledger.createTenant(named: "acme")
            #expect(try Self.unjournalled(ledger) == [])
            let twks = try ledger.vault.journal.records(epoch: 1).filter { $0.content == .twk }
            #expect(twks.count == 2)
        }
    }

    private static func event(_ subjects: [Int]) -> NewEvent {
        let sections = subjects.map { ("person:\($0)", #"{"name":"N"}"#) }
        return .put(
            "s",
            type: "t",
            data: "{}",
            personal: Sections(sections)
        )
    }

    /// Live wraps of the key store that the journal does not have, byte for byte.
    private static func unjournalled(_ ledger: Ledger) throws -> [[UInt8]] {
        let rows = try Witness.current.keyStore().query(
            """
            SELECT wrapped FROM tally_keys.key_record WHERE wrapped IS NOT NULL
            UNION ALL SELECT wrapped FROM tally_keys.tenant_wrap WHERE wrapped IS NOT NULL
            """
        )
        let known = Set(try ledger.vault.journal.records(epoch: 1).map(\.wrapped))
        return try (0..<rows.count).map { try rows.bytes($0, 0) }.filter { !known.contains($0) }
    }

    /// Makes every transaction that stored a key fail at its commit, after all its statements.
    private static func failCommits(_ fail: Bool, _ store: Connection) throws {
        guard fail else { return try store.execute("DROP TRIGGER fail ON tally_keys.key_record") }
        try store.execute(
            """
            CREATE FUNCTION public.fail() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION 'died' USING ERRCODE = '57P01'; END $$;
            CREATE CONSTRAINT TRIGGER fail AFTER INSERT ON tally_keys.key_record
                DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.fail();
            """
        )
    }
}
