// Key epochs: every live key goes on under the new one, and what was destroyed cannot be opened
// from any older copy.

import TallyCore
import TallyCrypto
import TallyPostgres
import TallyStore
import TallyTesting
import TallyVault
import Tallystick
import Testing

@Suite(.database)
struct KeyEpochTests {
    @Test func everyKeyGoesOnUnderTheNewEpochAndTheOldOneEnds() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let report = try await ledger.keys.rotate()
            #expect(report.epoch == 2 && report.tenants == 2 && report.keys == 0)
            #expect(report.destroyed == [1])
            #expect(try await acme.document("crm/contact/1")?.personal.count == 3)
            #expect(await acme.answer([.personal("s", "eva")]).receipts.count == 1)
            let journal = try KeyJournal(
                directory: ledger.configuration.keyJournal,
                ledger: ledger.row.id
            )
            #expect(try journal.records(epoch: 1).isEmpty, "the file died with its epoch")
            #expect(try journal.records(epoch: 2).count == 2 + 2 * 2 + 4)
            #expect(try await ledger.keys.rotate().destroyed == [2])
        }
    }

    @Test func aTenantOfWhichAKeyWasDestroyedGetsANewWrappingKey() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let globex = try await ledger.sampleTenant("globex")
            let before = try Self.wraps()
            let operators = try await TwoOperators(ledger)
            _ = try await ledger.erasures.run(operators.erasure(of: "maria", acme, ledger))
            #expect(try Self.dirty() == [acme.id.hex])
            let report = try await ledger.keys.rotate()
            #expect(report.keys == 3, "data, index and Karl's")
            let after = try Self.wraps()
            #expect(after[acme.id.hex] != before[acme.id.hex])
            #expect(after[globex.id.hex] == before[globex.id.hex])
            #expect(try Self.dirty() == [])
            #expect(try await acme.document("crm/contact/3")?.personal.count == 1)
        }
    }

    @Test func aKeyThatIsDestroyedDuringARotationOutlivesNoEpochThatWasThere() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            let id = try await operators.erasure(of: "maria", acme, ledger)
            _ = try await ledger.keys.rotate { step in
                // After the tenant went over clean, and before the old epoch ended.
                guard step == .checked else { return }
                do {
                    _ = try await ledger.erasures.run(id)
                } catch {
                    Issue.record(error)
                }
            }
            let erasures = ledger.erasures
            #expect(try await erasures.find(id).destroyedEpoch == 2)
            #expect(try await erasures.find(id).state == .purged, "epoch 2 could open a copy")
            #expect(try Self.dirty() == [acme.id.hex])
            _ = try await ledger.keys.rotate()
            #expect(try await erasures.find(id).state == .epochRetired)
            #expect(try Self.dirty() == [])
        }
    }

    @Test func anOldEpochLivesAsLongAsItsRetention() async throws {
        var configuration = try TestLedger.current.configuration
        configuration.keyBackupRetention = .seconds(24 * 3600)
        let ledger = try await Ledger.open(configuration)
        let acme = try await ledger.sampleTenant("acme")
        let operators = try await TwoOperators(ledger)
        let id = try await operators.erasure(of: "maria", acme, ledger)
        _ = try await ledger.erasures.run(id)
        #expect(try await ledger.keys.rotate().destroyed == [])
        #expect(try await ledger.vault.epochs().map(\.state) == [.deactivated, .active])
        #expect(try await ledger.erasures.find(id).state == .purged)
        await ledger.close()
        try await TestLedger.current.open { ledger in
            _ = try await ErasureRound(ledger.decisionContext).advance()
            #expect(try await ledger.erasures.find(id).state == .epochRetired)
        }
    }

    @Test func aRotationThatWasJournalledAndNeverCommittedHidesNoKey() async throws {
        let test = try TestLedger.current
        let store = try Connection(ConnectionConfiguration(uri: test.configuration.keys))
        try await test.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            _ = try await ledger.erasures.run(operators.erasure(of: "maria", acme, ledger))
            try store.execute(
                """
                CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql
                    AS $$ BEGIN RAISE 'no commit'; END $$;
                CREATE CONSTRAINT TRIGGER refuse AFTER UPDATE ON tally_keys.tenant_wrap
                    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.refuse()
                """
            )
            await #expect(throws: Problem.self) { _ = try await ledger.keys.rotate() }
            try store.execute("DROP TRIGGER refuse ON tally_keys.tenant_wrap")
            #expect(await acme.answer([.personal("crm/contact/9", "eva")]).receipts.count == 1)
        }
        try store.execute(
            """
            TRUNCATE tally_keys.key_record, tally_keys.tenant_wrap, tally_keys.key_block,
                tally_keys.key_epoch
            """
        )
        try await test.open { ledger in
            _ = try await ledger.keys.restore()
            let acme = try await ledger.tenant(named: "acme")
            #expect(try await acme.document("crm/contact/9")?.personal.keys.sorted() == ["eva"])
            #expect(try await acme.document("crm/contact/1")?.personal.keys.sorted() == ["karl"])
            _ = try await ledger.keys.rotate()
            #expect(try await acme.document("crm/contact/9")?.personal.keys.sorted() == ["eva"])
        }
    }

    @Test func aRotationAfterAnOlderKeyStoreWasRestoredOpensANewEpoch() async throws {
        let test = try TestLedger.current
        let store = try Connection(ConnectionConfiguration(uri: test.configuration.keys))
        let tables = ["key_record", "tenant_wrap", "key_block", "key_epoch"]
        try await test.open { ledger in
            _ = try await ledger.sampleTenant("acme")
            for table in tables {
                try store.execute("CREATE TABLE public.\(table) AS TABLE tally_keys.\(table)")
            }
            #expect(try await ledger.keys.rotate().epoch == 2)
        }
        for table in tables {
            try store.execute(
                """
                TRUNCATE tally_keys.\(table);
                INSERT INTO tally_keys.\(table) TABLE public.\(table)
                """
            )
        }
        try await test.open { ledger in
            _ = try await ledger.keys.restore()
            let report = try await ledger.keys.rotate()
            #expect(report.epoch == 3 && report.destroyed == [1, 2])
        }
    }

    @Test func aLostKeyStoreComesBackFromTheJournalAndTheErasedStayErased() async throws {
        let test = try TestLedger.current
        let acme = try await test.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let globex = try await ledger.sampleTenant("globex")
            let operators = try await TwoOperators(ledger)
            _ = try await ledger.erasures.run(operators.erasure(of: "maria", acme, ledger))
            _ = try await ledger.erasures.run(operators.erasure(of: globex, ledger))
            return acme.id
        }
        try Connection(ConnectionConfiguration(uri: test.configuration.keys)).execute(
            """
            TRUNCATE tally_keys.key_record, tally_keys.tenant_wrap, tally_keys.key_block,
                tally_keys.key_epoch
            """
        )
        try await test.open { ledger in
            let report = try await ledger.keys.restore()
            #expect(report.epochs == [1] && report.tenants == 3 && report.keys == 5)
            let tenant = Tenant(ledger: ledger, name: "acme", id: acme)
            let card = try #require(try await tenant.document("crm/contact/1"))
            #expect(card.personal.keys.sorted() == ["karl"])
            #expect(await tenant.answer([.personal("s", "maria")]).problem == .erased)
            #expect(await tenant.answer([.personal("s", "karl")]).receipts.count == 1)
            try await Witness.current.expectSound(acme, vault: ledger.vault)
            let globex = try await ledger.tenant(named: "globex")
            #expect(await globex.answer([.sample("s")]).problem == .erased)
            let again = try await ledger.keys.restore()
            #expect(again.keys >= 5, "a second time changes nothing")
            _ = try await ledger.keys.rotate()
            #expect(try await tenant.document("crm/contact/3")?.personal.count == 1)
        }
    }

    private static func wraps() throws -> [String: [UInt8]] {
        let rows = try Witness.current.keyStore()
            .query("SELECT tenant_id, twk_id FROM tally_keys.tenant_wrap")
        var found: [String: [UInt8]] = [:]
        for row in 0..<rows.count {
            found[Hex.encode(try rows.bytes(row, 0))] = try rows.bytes(row, 1)
        }
        return found
    }

    /// Tenants that must get a new wrapping key.
    private static func dirty() throws -> [String] {
        let rows = try Witness.current.keyStore().query(
            "SELECT tenant_id FROM tally_keys.tenant_wrap WHERE dirty_since IS NOT NULL"
        )
        return try (0..<rows.count).map { Hex.encode(try rows.bytes($0, 0)) }
    }
}
