// Whatever is built again or brought back from a copy: who was erased stays erased.

import TallyCore
import TallyPostgres
import TallyReplay
import TallyStore
import TallyTesting
import Tallystick
import Testing

@Suite(.database)
struct StaysErasedTests {
    @Test(arguments: [BuiltInProjection.documents, BuiltInProjection.trail])
    func aRebuildBringsNobodyBack(projection: String) async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let subject = try await ledger.subjectTag("maria", of: acme)
            let operators = try await TwoOperators(ledger)
            let id = try await operators.erasure(of: "maria", acme, ledger)
            _ = try await ledger.erasures.run(id)
            let tenants = try await ledger.registry.list().map(\.id)
            _ = try await ProjectionRebuild(
                readers: ledger.readers,
                projectors: ledger.projectors,
                vault: ledger.vault
            ).run(projection, tenants) { _ in }
            let card = try #require(try await acme.document("crm/contact/1"))
            #expect(card.personal.keys.sorted() == ["karl"])
            #expect(try Witness.current.tags(subject) == 0)
        }
    }

    @Test func aRebuildThatWasBegunBeforeAnErasureIsNotPutInPlace() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            let id = try await operators.erasure(of: "maria", acme, ledger)
            let projectors = try TestLedger.current.connection(role: "tally_projector")
            let begun = try projectors.query("SELECT tally.begin_rebuild('documents', NULL)")
            let version = try begun.integer(0, 0)
            _ = try await ledger.erasures.run(id)
            #expect(throws: PostgresError.self) {
                try projectors.execute("SELECT tally.swap_rebuild('documents', \(version))")
            }
            let left = try Witness.current.superuser()
                .query("SELECT to_regclass('tally.document_next') IS NULL")
            #expect(try left.bool(0, 0), "what it had built is dropped")
        }
    }

    @Test func anOldCopyOfTheKeyStoreBringsNobodyBack() async throws {
        let test = try TestLedger.current
        let store = try Connection(ConnectionConfiguration(uri: test.configuration.keys))
        let tables = ["key_record", "tenant_wrap", "key_block", "key_epoch"]
        try await test.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            for table in tables {
                try store.execute("CREATE TABLE public.\(table) AS TABLE tally_keys.\(table)")
            }
            let operators = try await TwoOperators(ledger)
            let id = try await operators.erasure(of: "maria", acme, ledger)
            _ = try await ledger.erasures.run(id)
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
            let acme = try await ledger.tenant(named: "acme")
            #expect(await acme.answer([.personal("s", "maria")]).problem == .erased)
            let card = try #require(try await acme.document("crm/contact/1"))
            #expect(card.personal.keys.sorted() == ["karl"])
            #expect(await acme.answer([.personal("s", "karl")]).receipts.count == 1)
            try await Witness.current.expectSound(acme.id, vault: ledger.vault)
        }
    }

    @Test func anOldCopyOfTheKeyStoreIsOfNoUseOnceItsEpochIsGone() async throws {
        let test = try TestLedger.current
        let store = try Connection(ConnectionConfiguration(uri: test.configuration.keys))
        try await test.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            try store.execute(
                """
                CREATE TABLE public.key_record AS TABLE tally_keys.key_record;
                CREATE TABLE public.tenant_wrap AS TABLE tally_keys.tenant_wrap
                """
            )
            let operators = try await TwoOperators(ledger)
            let id = try await operators.erasure(of: acme, ledger)
            _ = try await ledger.erasures.run(id)
            _ = try await ledger.keys.rotate()
        }
        try store.execute(
            """
            TRUNCATE tally_keys.key_record, tally_keys.tenant_wrap, tally_keys.key_block;
            INSERT INTO tally_keys.key_record TABLE public.key_record;
            INSERT INTO tally_keys.tenant_wrap TABLE public.tenant_wrap
            """
        )
        try await test.open { ledger in
            let problem = await #expect(throws: Problem.self) {
                _ = try await ledger.tenant(named: "acme")
            }
            #expect(problem?.code == .misconfigured, "nobody says that it was erased")
            #expect(problem?.hint.contains("tally key restore") == true)
        }
    }
}
