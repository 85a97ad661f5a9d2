// Keys live as long as they are needed: what only a journal has, or only one KEK opens, stops a
// rotation before anything is destroyed, and a restore says what it did not bring back.

import Foundation
import TallyCore
import TallyPostgres
import TallyStore
import TallyTesting
import TallyVault
import Tallystick
import Testing

@Suite(.database)
struct KeyLossTests {
    /// A rotation that has to refuse, and what it says.
    private static func refusal(_ ledger: Ledger) async throws -> Problem {
        let before = try await ledger.vault.epochs().map(\.state)
        let problem = await #expect(throws: Problem.self) { _ = try await ledger.keys.rotate() }
        #expect(problem?.code == .misconfigured)
        #expect(
            try await ledger.vault.epochs().map(\.state) == before,
            "no epoch was begun or ended"
        )
        return try #require(problem)
    }

    @Test func aRotationRefusesWhileOnlyTheJournalHasAKey() async throws {
        let test = try TestLedger.current
        let backup = try await test.open { ledger in
            _ = try await ledger.sampleTenant("acme")
            return try KeyStoreBackup()
        }
        try await test.open { ledger in
            let acme = try await ledger.tenant(named: "acme")
            #expect(await acme.answer([.personal("s", "eva")]).receipts.count == 1)
            _ = try await ledger.sampleTenant("globex")
        }
        try backup.restore()
        try await test.open { ledger in
            let finding = try await ledger.doctor()["key store: content"]
            #expect(finding?.state == .failing && finding?.advice.contains("key restore") == true)
            let problem = try await Self.refusal(ledger)
            #expect(problem.message.contains("in the key journal"))
            #expect(problem.hint.contains("tally key restore"))
            let files = KeyFiles(ledger)
            #expect(files.exists(files.kek(1)) && files.exists(files.journal(1)))
            #expect(try await ledger.keys.restore().losses == [])
            #expect(try await ledger.doctor()["key store: content"]?.state == .good)
            #expect(try await ledger.keys.rotate().destroyed == [1])
            #expect(try await ledger.people("acme", "s") == 1)
            #expect(try await ledger.people("globex", "crm/contact/1") == 3)
        }
    }

    @Test func anOlderKeyStoreThatWasUsedAgainLosesNeitherKeyOfAPerson() async throws {
        let test = try TestLedger.current
        let backup = try await test.open { ledger in
            _ = try await ledger.sampleTenant("acme")
            return try KeyStoreBackup()
        }
        for stream in ["before", "after"] {
            try await test.open { ledger in
                let acme = try await ledger.tenant(named: "acme")
                #expect(await acme.answer([.personal(stream, "eva")]).receipts.count == 1)
            }
            if stream == "before" { try backup.restore() }
        }
        try await test.open { ledger in
            #expect(try await ledger.keys.rotate().destroyed == [1])
            #expect(try await ledger.people("acme", "before") == 1)
            #expect(try await ledger.people("acme", "after") == 1)
            let acme = try await ledger.tenant(named: "acme")
            let tag = try await ledger.subjectTag("eva", of: acme)
            #expect(try await ledger.vault.records(acme.id, of: tag).map(\.generation) == [0, 1])
        }
    }

    enum Mishap: CaseIterable, Sendable { case missing, another, marked, damaged }

    @Test(arguments: Mishap.allCases)
    func aRotationRefusesWhileTheKEKDoesNotOpenItsKeys(mishap: Mishap) async throws {
        try await TestLedger.current.open { ledger in
            _ = try await ledger.sampleTenant("acme")
            let files = KeyFiles(ledger)
            let putBack = try files.keep([files.kek(1)])
            switch mishap {
            case .missing: try files.remove(files.kek(1))
            case .another: try KeyFiles.write(Data(repeating: 7, count: 32), files.kek(1))
            case .marked: try KeyFiles.write(Data(), files.mark(1))
            case .damaged: try KeyFiles.write(Data(repeating: 7, count: 31), files.kek(1))
            }
            let finding = try await ledger.doctor()["KEKs: living epochs"]
            #expect(finding?.state == .failing && finding?.found.contains("epoch 1") == true)
            #expect(try await Self.refusal(ledger).message.contains("epoch 1"))
            if mishap == .marked { try files.remove(files.mark(1)) }
            try putBack()
            #expect(try await ledger.doctor()["KEKs: living epochs"]?.state == .good)
            #expect(try await ledger.keys.rotate().destroyed == [1])
            #expect(try await ledger.people("acme", "crm/contact/1") == 3)
        }
    }

    @Test func aKEKThatWasThereBeforeBeginsNoEpoch() async throws {
        try await TestLedger.current.open { ledger in
            _ = try await ledger.sampleTenant("acme")
            let files = KeyFiles(ledger)
            try KeyFiles.write(Data(repeating: 7, count: 32), files.kek(2))
            #expect(try await Self.refusal(ledger).message.contains("epoch 2"))
            #expect(try await ledger.doctor()["KEKs: living epochs"]?.state == .failing)
            try files.remove(files.kek(2))
            #expect(try await ledger.keys.rotate().epoch == 2)
        }
    }

    @Test func aRotationThatFailsHalfWayLeavesOneActiveEpoch() async throws {
        try await TestLedger.current.open { ledger in
            _ = try await ledger.sampleTenant("acme")
            let store = try Witness.current.keyStore()
            try store.execute(
                """
                CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql
                    AS $$ BEGIN RAISE 'no'; END $$;
                CREATE TRIGGER refuse BEFORE UPDATE ON tally_keys.tenant_wrap
                    FOR EACH ROW EXECUTE FUNCTION public.refuse()
                """
            )
            for _ in 0..<3 {
                await #expect(throws: Problem.self) { _ = try await ledger.keys.rotate() }
                let states = try await ledger.vault.epochs().map(\.state)
                #expect(states == [.active, .preActive])
            }
            try store.execute("DROP TRIGGER refuse ON tally_keys.tenant_wrap")
            #expect(try await ledger.keys.rotate().epoch == 2)
        }
    }

    @Test func aTenantThatIsMadeDuringARotationIsTakenOver() async throws {
        try await TestLedger.current.open { ledger in
            _ = try await ledger.sampleTenant("acme")
            let made = Flag()
            _ = try await ledger.keys.rotate { step in
                guard step == .checked, !made.isRaised else { return }
                made.raise()
                do {
                    _ = try await ledger.sampleTenant("late")
                } catch {
                    Issue.record(error)
                }
            }
            #expect(try await ledger.people("late", "crm/contact/1") == 3)
            #expect(try await ledger.vault.epochs().map(\.state) == [.destroyed, .active])
        }
    }

    @Test func keysThatAreMadeMeanwhileStopNoRotation() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let isOver = Flag()
            async let answers = callers(4) { caller in
                var mine: [Answer] = []
                while !isOver.isRaised {
                    let person = "p\(caller)-\(mine.count)"
                    mine.append(await acme.answer([.personal(person, person)]))
                }
                return mine
            }
            do {
                for _ in 0..<6 { _ = try await ledger.keys.rotate() }
            } catch {
                Issue.record(error)
            }
            isOver.raise()
            #expect(await answers.joined().allSatisfy { $0.receipts.count == 1 })
            try await Witness.current.expectSound(acme.id, vault: ledger.vault)
        }
    }

    @Test(arguments: [true, false])
    func aDestroyedKEKThatIsBackIsFound(isMarked: Bool) async throws {
        try await TestLedger.current.open { ledger in
            _ = try await ledger.sampleTenant("acme")
            let files = KeyFiles(ledger)
            let putBack = try files.keep([files.kek(1)])
            _ = try await ledger.keys.rotate()
            #expect(try await ledger.doctor()["KEKs: destroyed epochs"]?.state == .good)
            try putBack()
            if !isMarked { try files.remove(files.mark(1)) }
            let finding = try await ledger.doctor()["KEKs: destroyed epochs"]
            #expect(finding?.state == .failing && finding?.found.contains("epoch 1") == true)
        }
    }
}
