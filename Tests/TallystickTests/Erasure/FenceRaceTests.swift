// Two processes seal for people who are being erased: nothing that was sealed under a fenced key is
// stored behind the fence, whether the key was known or is made at that moment.

import Foundation
import TallyCore
import TallyCrypto
import TallyPostgres
import TallyStore
import TallyTesting
import Tallystick
import Testing

@Suite(.serialized)
struct FenceRaceTests {
    /// Each with two people, so sixty fences.
    private static let trials = 30

    @Test func nothingIsStoredBehindAFence() async throws {
        try await TestLedger.with(hasSingleOperator: true) {
            let outcome = try await Self.race(trials: Self.trials)
            #expect(outcome.erased == 2 * Self.trials)
            #expect(outcome.slipped == 0, "events behind a fence")
            #expect(outcome.revived == 0, "keys made behind a fence")
            #expect(outcome.stored > Self.trials, "the writers did write")
            print("fence race: \(outcome.stored) events, \(outcome.erased) erasures, 0 slipped")
        }
    }

    /// A request that was sealed before the fence and comes behind it, with the fence and, as a
    /// control, without: what the race counts does slip through then.
    @Test(arguments: [true, false])
    func aRequestThatComesBehindTheFenceIsRefused(hasFence: Bool) async throws {
        try await TestLedger.with(hasSingleOperator: true) {
            if !hasFence { try Self.dropFences() }
            try await TestLedger.current.open { ledger in
                let tenant = try await ledger.createTenant(named: "acme")
                _ = try await tenant.append([.personal("s", "maria")])
                let sealed = try await tenant.seal([.personal("s", "maria")], request: "late")
                let tag = try await ledger.subjectTag("maria", of: tenant)
                let request = try await ledger.erasures
                    .request(subject: "maria", of: tenant, ground: "race", by: nil)
                if hasFence {
                    _ = try await ledger.erasures.run(request.id)
                } else {
                    await #expect(throws: Problem.self, "a run sees that the fence lacks keys") {
                        try await ledger.erasures.run(request.id)
                    }
                }
                let row = try await ledger.erasures.find(request.id)
                let late = try? await ledger.lanes().append(sealed)
                #expect((late == nil) == hasFence)
                let fences = [(try Self.keys(tenant, tag), row.fencePosition ?? 0)]
                #expect(try Self.outcome(tenant, fences).slipped == (hasFence ? 0 : 1))
            }
        }
    }

    /// Lets erasures believe that they have fenced their keys.
    private static func dropFences() throws {
        try Witness.current.superuser().execute(
            """
            CREATE FUNCTION public.drop_row() RETURNS trigger LANGUAGE plpgsql
                AS $$ BEGIN RETURN NULL; END $$;
            CREATE TRIGGER no_fence BEFORE INSERT ON tally.fenced_key
                FOR EACH ROW EXECUTE FUNCTION public.drop_row()
            """
        )
    }

    private struct Outcome {
        var stored = 0
        var erased = 0
        var slipped = 0
        var revived = 0
    }

    /// Erases people while this process and a child record events about them.
    private static func race(trials: Int) async throws -> Outcome {
        let test = try TestLedger.current
        let place = LedgerPlace(test.configuration)
        let name = "t\(UInt32.random(in: 0 ... .max))"
        return try await test.open { ledger in
            let tenant = try await ledger.createTenant(named: name)
            async let child: Void = spawn(place, name, trials)
            async let own: Void = FenceWriter(tenant, trials: trials).run()
            let fences = try await erase(tenant, trials, ledger)
            _ = await (child, own)
            return try outcome(tenant, fences)
        }
    }

    private static func spawn(_ place: LedgerPlace, _ tenant: String, _ trials: Int) async {
        await withTaskExecutorPreference(OwnThreads()) {
            _ = await #expect(processExitsWith: .success) {
                [
                    place = place as LedgerPlace, tenant = tenant as String,
                    trials = trials as Int
                ] in
                let ledger = try await place.open()
                let tenant = try await ledger.tenant(named: tenant)
                await FenceWriter(tenant, trials: trials).run()
                await ledger.close()
            }
        }
    }

    /// Erases each person once somebody has begun to write about them, or just before.
    private static func erase(
        _ tenant: Tenant,
        _ trials: Int,
        _ ledger: Ledger
    ) async throws -> [(keys: [[UInt8]], fence: Int)] {
        let erasures = ledger.erasures
        var fences: [(keys: [[UInt8]], fence: Int)] = []
        for trial in 0..<trials {
            for subject in FenceWriter.subjects(trial) {
                let isKnown = subject.hasPrefix("known")
                let tag = try await ledger.subjectTag(subject, of: tenant)
                while isKnown, try keys(tenant, tag).isEmpty { await Task.yield() }
                let request = try await erasures.request(
                    subject: subject,
                    of: tenant,
                    ground: "race",
                    by: nil
                )
                let row = try await erasures.run(request.id)
                fences.append((try keys(tenant, tag), row.fencePosition ?? 0))
            }
        }
        return fences
    }

    private static func keys(_ tenant: Tenant, _ tag: BlindTag) throws -> [[UInt8]] {
        let rows = try Witness.current.keyStore().query(
            "SELECT key_id FROM tally_keys.key_record WHERE tenant_id = $1 AND subject_tag = $2",
            [.uuid(tenant.id.bytes), .bytea(tag.bytes)]
        )
        return try (0..<rows.count).map { try rows.bytes($0, 0) }
    }

    private static func outcome(
        _ tenant: Tenant,
        _ fences: [(keys: [[UInt8]], fence: Int)]
    ) throws -> Outcome {
        var outcome = Outcome(
            stored: try Witness.current.eventCount(tenant.id),
            erased: fences.count
        )
        let witness = try Witness.current.superuser()
        for (keys, fence) in fences {
            for key in keys {
                outcome.slipped += Int(
                    try witness.query(
                        """
                        SELECT count(*) FROM tally.event
                        WHERE slot = (SELECT slot FROM tally.tenant WHERE tenant_id = $1)
                            AND position > $2 AND position($3 IN body) > 0
                        """,
                        [.uuid(tenant.id.bytes), .bigint(Int64(fence)), .bytea(key)]
                    ).integer(0, 0)
                )
            }
        }
        outcome.revived = Int(
            try Witness.current.keyStore().query(
                """
                SELECT count(*) FROM tally_keys.key_record
                WHERE tenant_id = $1 AND kind = 2 AND state <> 'destroyed'
                """,
                [.uuid(tenant.id.bytes)]
            ).integer(0, 0)
        )
        return outcome
    }
}

/// Records events about one person after the other, each until the ledger says that they are
/// erased.
struct FenceWriter: Sendable {
    private let tenant: Tenant
    private let trials: Int

    init(_ tenant: Tenant, trials: Int) {
        self.tenant = tenant
        self.trials = trials
    }

    /// The people of a trial: one about whom something was recorded, and one about whom nothing
    /// was.
    static func subjects(_ trial: Int) -> [String] { ["known:\(trial)", "new:\(trial)"] }

    func run() async {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for trial in 0..<trials {
                        for subject in Self.subjects(trial) { await write(subject) }
                    }
                }
            }
        }
    }

    private func write(_ subject: String) async {
        var written = 0
        while await tenant.answer([.personal("race/\(subject)", subject)]).problem != .erased {
            written += 1
            // Else a slow machine drowns: each erasure has to go through what came during the last.
            if written > 20 { try? await Task.sleep(for: .milliseconds(20)) }
        }
    }
}
