// A process that is killed with SIGKILL while it makes a key, when the journal has it and the key
// store does not: whichever way the store decides, the next process has one key, and the journal
// has it too.

import Foundation
import TallyCore
import TallyCrypto
import TallyPostgres
import TallyTesting
import TallyVault
import Tallystick
import Testing

@Suite(.database, .serialized)
struct KilledCreationTests {
    private static let gate = 7341

    @Test(arguments: [true, false])
    func aKeyWhoseMakerIsKilledIsThereOnceOrNotAtAll(isCommitted: Bool) async throws {
        let test = try TestLedger.current
        let tenant = try await test.open { try await $0.createTenant(named: "acme") }
        let note = "\(try TestCluster.shared.get().scratch)/\(UUID().uuidString)"
        let store = try Witness.current.keyStore()
        try store.execute(
            """
            CREATE FUNCTION public.wait() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN PERFORM pg_advisory_xact_lock_shared(\(Self.gate)); RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER gate AFTER INSERT ON tally_keys.key_record
                DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.wait();
            SELECT pg_advisory_lock(\(Self.gate))
            """
        )
        async let child: Void = Self.spawn(LedgerPlace(test.configuration), note)
        try await Self.killAtTheGate(store, note, isCommitted: isCommitted)
        await child
        try store.execute("DROP TRIGGER gate ON tally_keys.key_record")
        try await test.open { ledger in
            let acme = try await ledger.tenant(named: "acme")
            #expect(await acme.answer([.personal("s", "maria")]).receipts.count == 1)
            let tag = try await ledger.subjectTag("maria", of: acme)
            let keys = try await ledger.vault.records(tenant.id, of: tag)
            #expect(keys.count == 1)
            let journal = try KeyJournal(
                directory: test.configuration.keyJournal,
                ledger: ledger.row.id
            ).records(epoch: 1)
            #expect(journal.contains { $0.wrapped == keys.first?.wrapped })
            #expect(journal.count { $0.subjectTag == tag } == (isCommitted ? 1 : 2))
            try await Witness.current.expectSound(acme.id, vault: ledger.vault)
            _ = try await ledger.keys.rotate()
            #expect(try await acme.document("s")?.personal.count == 1)
        }
    }

    /// A child that says who it is, and records somebody for the first time.
    private static func spawn(_ place: LedgerPlace, _ note: String) async {
        await withTaskExecutorPreference(OwnThreads()) {
            _ = await #expect(processExitsWith: .signal(SIGKILL)) {
                [place = place as LedgerPlace, note = note as String] in
                let ledger = try await place.open()
                let acme = try await ledger.tenant(named: "acme")
                try "\(getpid())".write(toFile: note, atomically: true, encoding: .utf8)
                _ = await acme.answer([.personal("s", "maria")])
            }
        }
    }

    /// Kills the child once its COMMIT waits, and lets the server commit or roll back.
    private static func killAtTheGate(
        _ store: Connection,
        _ note: String,
        isCommitted: Bool
    ) async throws {
        let waiting = """
            SELECT pid::bigint FROM pg_locks WHERE locktype = 'advisory' AND objid = \(gate)
            AND NOT granted
            """
        var backends = try store.query(waiting)
        while backends.count == 0 {
            await Task.yield()
            backends = try store.query(waiting)
        }
        let process = try #require(pid_t(String(contentsOfFile: note, encoding: .utf8)))
        #expect(kill(process, SIGKILL) == 0)
        let backend = try backends.integer(0, 0)
        if !isCommitted {
            _ = try store.query("SELECT pg_terminate_backend($1::int)", [.integer(Int32(backend))])
        }
        try store.execute("SELECT pg_advisory_unlock(\(gate))")
        let alive = "SELECT count(*) FROM pg_stat_activity WHERE pid = \(backend)"
        while try store.query(alive).integer(0, 0) > 0 { await Task.yield() }
    }
}
