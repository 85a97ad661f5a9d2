// A restore of the key store: nothing is passed over in silence, nothing is destroyed that the log
// did not, and one lost KEK does not take what another epoch's journal has.

import Foundation
import TallyCore
import TallyPostgres
import TallyStore
import TallyTesting
import Tallystick
import Testing

@testable import TallyVault

@Suite(.database)
struct KeyRestoreTests {
    private static let lose = """
        TRUNCATE tally_keys.key_record, tally_keys.tenant_wrap, tally_keys.key_block,
            tally_keys.key_epoch
        """

    /// A ledger whose epochs live on for a week, at its second one.
    private static func openSecondEpoch() async throws -> Ledger {
        var configuration = try TestLedger.current.configuration
        configuration.keyBackupRetention = .seconds(7 * 24 * 3600)
        let ledger = try await Ledger.open(configuration)
        _ = try await ledger.sampleTenant("acme")
        #expect(try await ledger.keys.rotate().destroyed == [])
        return ledger
    }

    @Test(arguments: [true, false])
    func whatAnOlderEpochHasComesBackWithoutTheNewestKEK(storeIsLost: Bool) async throws {
        let ledger = try await Self.openSecondEpoch()
        let files = KeyFiles(ledger)
        try files.remove(files.kek(2))
        if storeIsLost { try Witness.current.keyStore().execute(Self.lose) }
        await ledger.close()
        try await TestLedger.current.open { ledger in
            await #expect(throws: Problem.self) { _ = try await ledger.tenant(named: "acme") }
            let report = try await ledger.keys.restore()
            #expect(report.losses == [] && report.epochs == [1])
            #expect(report.notes.contains { $0.contains("epoch 2: its KEK is missing") })
            #expect(try await ledger.people("acme", "crm/contact/1") == 3)
            let acme = try await ledger.tenant(named: "acme")
            #expect(await acme.answer([.personal("s", "eva")]).receipts.count == 1)
            #expect(try await ledger.vault.epochs().count { $0.state == .active } == 1)
            #expect(try await ledger.keys.rotate().epoch == 3)
            #expect(try await ledger.people("acme", "s") == 1)
        }
    }

    @Test(arguments: [true, false])
    func whatOnlyTheNewestKEKOpensIsNamedAndKeptUntilItIsGivenUp(comesBack: Bool) async throws {
        let ledger = try await Self.openSecondEpoch()
        let files = KeyFiles(ledger)
        let acme = try await ledger.tenant(named: "acme")
        #expect(await acme.answer([.personal("new", "eva")]).receipts.count == 1)
        let putBack = try files.keep([files.kek(2)])
        try files.remove(files.kek(2))
        try Witness.current.keyStore().execute(Self.lose)
        await ledger.close()
        try await TestLedger.current.open { ledger in
            let report = try await ledger.keys.restore()
            #expect(report.losses.count == 1)
            #expect(report.losses[0].hasPrefix("epoch 2: its KEK is missing"))
            #expect(try await ledger.people("acme", "crm/contact/1") == 3)
            let problem = await #expect(throws: Problem.self) { _ = try await ledger.keys.rotate() }
            #expect(problem?.hint.contains("tally key give-up 2") == true)
            #expect(files.exists(files.journal(2)), "nothing is destroyed that may come back")
            if comesBack {
                try putBack()
                #expect(try await ledger.keys.restore().losses == [])
                _ = try await ledger.keys.rotate()
                #expect(try await ledger.people("acme", "new") == 1)
            } else {
                let given = try await LostEpoch(vault: ledger.vault).giveUp(2)
                #expect(given.unstored == 1)
                #expect(try await ledger.keys.rotate().epoch == 3)
            }
            #expect(try await ledger.people("acme", "crm/contact/1") == 3)
        }
    }

    @Test func anEpochWhoseKEKOpensIsNotGivenUp() async throws {
        try await TestLedger.current.open { ledger in
            _ = try await ledger.sampleTenant("acme")
            await #expect(throws: VaultError(.outOfStep, "")) {
                _ = try await LostEpoch(vault: ledger.vault).giveUp(1)
            }
            #expect(try await ledger.people("acme", "crm/contact/1") == 3)
        }
    }

    @Test func anEpochThatIsThereAndMarkedAsDestroyedIsNamed() async throws {
        try await TestLedger.current.open { ledger in
            _ = try await ledger.sampleTenant("acme")
            let files = KeyFiles(ledger)
            let putBack = try files.keep([files.kek(1), files.journal(1)])
            // A key that nothing knows any more when epoch 1 ends.
            try files.remove(files.journal(1))
            try Witness.current.keyStore().execute(
                "DELETE FROM tally_keys.key_record WHERE kind = 2"
            )
            _ = try await ledger.keys.rotate()
            try putBack()
            let report = try await ledger.keys.restore()
            #expect(report.losses.count == 1)
            #expect(report.losses[0].contains("epoch 1: its KEK is there, but marked as destroyed"))
            try files.remove(files.mark(1))
            #expect(try await ledger.keys.restore().losses == [])
            #expect(try await ledger.people("acme", "crm/contact/1") == 3)
            #expect(try await ledger.keys.rotate().destroyed == [1, 2])
            #expect(try await ledger.people("acme", "crm/contact/1") == 3)
        }
    }

    @Test func aDamagedKeyOfTheJournalTakesNoOthersPlaceAndIsNamed() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let vault = ledger.vault
            let good = try #require(
                try vault.journal.records(epoch: 1).last { $0.content == .key }
            )
            var bad = good
            bad.wrapped[bad.wrapped.count - 1] ^= 1
            try vault.journal.append([bad], epoch: 1)
            // The newest word does not open, an older one does.
            try Witness.current.keyStore().execute(Self.lose)
            #expect(try await ledger.keys.restore().losses == [])
            #expect(try await ledger.people("acme", "crm/contact/3") == 1)
            vault.forget(acme.id)
            var foreign = good
            foreign.wrapped[38] ^= 1  // Another key id: no word about it opens.
            try vault.journal.append([foreign], epoch: 1)
            let report = try await ledger.keys.restore()
            #expect(report.losses.count == 1 && report.losses[0].hasPrefix("epoch 1"))
        }
    }

    @Test func whatIsFencedAndNotDestroyedIsSuspendedAndNotDestroyed() async throws {
        let test = try TestLedger.current
        let id = try await test.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let id = try await TwoOperators(ledger).erasure(of: "maria", acme, ledger)
            let tag = try await ledger.subjectTag("maria", of: acme)
            let keys = try await ledger.vault.block(acme.id, KeyScope(subject: tag))
            let erasure = try await ErasureRegister(pool: ledger.operators).find(id)
            let state = try await ErasureTransitions(pool: ledger.executors).fence(erasure, keys)
            #expect(state == .fenced)
            return id
        }
        let store = try Witness.current.keyStore()
        try store.execute(Self.lose)
        try await test.open { ledger in
            #expect(try await ledger.keys.restore().losses == [])
            let rows = try store.query(
                """
                SELECT count(*) FILTER (WHERE state = 'suspended'),
                    count(*) FILTER (WHERE state = 'destroyed') FROM tally_keys.key_record
                """
            )
            #expect(try rows.integer(0, 0) == 2, "suspended")
            #expect(try rows.integer(0, 1) == 0, "destroyed")
            #expect(try await ledger.erasures.run(id).state == .purged)
            #expect(try await ledger.people("acme", "crm/contact/1") == 1)
        }
    }

    @Test func whatTheKeyStoreHasDestroyedStaysSoWhenTheLedgerHasForgottenIt() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let tag = try await ledger.subjectTag("maria", of: acme)
            let scope = KeyScope(subject: tag)
            // As with a ledger that was restored from before the erasure.
            let keys = try await ledger.vault.block(acme.id, scope)
            _ = try await ledger.vault.destroy(acme.id, keys, scope)
            _ = try await ledger.keys.restore()
            #expect(try await ledger.vault.countLive(acme.id, scope) == 0)
        }
    }
}
