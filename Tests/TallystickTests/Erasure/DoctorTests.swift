// The doctor: each thing that weakens a promise is found, with what to do about it.

import Foundation
import TallyCore
import TallyCrypto
import TallyPostgres
import TallyStore
import TallyTesting
import TallyVault
import Tallystick
import Testing

@Suite(.database)
struct DoctorTests {
    private static func findings(_ ledger: Ledger) async throws -> [String: DoctorFinding] {
        let findings = try await ledger.examine()
        for finding in findings {
            #expect(finding.advice.isEmpty == (finding.state == .good), "\(finding.topic)")
        }
        return Dictionary(uniqueKeysWithValues: findings.map { ($0.topic, $0) })
    }

    @Test func placesThatLieTogetherAreColocated() async throws {
        try await TestLedger.current.open { ledger in
            let findings = try await Self.findings(ledger)
            #expect(findings["key store"]?.state == .weak)
            #expect(findings["key store"]?.found.hasPrefix("colocated") == true)
            #expect(findings["KEKs: permissions"]?.state == .good)
            #expect(findings["key epoch"]?.state == .good)
            #expect(findings["operators"]?.state == .failing)
            _ = try await TwoOperators(ledger)
            #expect(try await Self.findings(ledger)["operators"]?.state == .weak)
        }
    }

    @Test func aDirectoryThatOthersMayEnterFails() async throws {
        try await TestLedger.current.open { ledger in
            let path = ledger.configuration.keyJournal
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
            #expect(try await Self.findings(ledger)["key journal: permissions"]?.state == .failing)
        }
    }

    @Test func anErasureThatTakesLongerThanADayIsOverdue() async throws {
        var configuration = try TestLedger.current.configuration
        let real = configuration.clock
        let ledger = try await Ledger.open(configuration)
        let acme = try await ledger.sampleTenant("acme")
        _ = try await TwoOperators(ledger).erasure(of: "maria", acme, ledger)
        #expect(try await Self.findings(ledger)["erasures"]?.state == .good)
        await ledger.close()
        configuration.clock = { real() + 25 * 3_600_000_000 }
        let later = try await Ledger.open(configuration)
        let findings = try await Self.findings(later)
        #expect(findings["erasures"]?.state == .failing)
        #expect(findings["key epoch"]?.state == .failing)
        #expect(try await later.keys.isRotationDue())
        await later.close()
    }

    @Test func aSlotThatNobodyReadsKeepsOldRows() async throws {
        try await TestLedger.current.open { ledger in
            let superuser = try Witness.current.superuser()
            let name = "tally_doctor_\(UInt32.random(in: 0 ... .max))"
            try superuser.execute("SELECT pg_create_physical_replication_slot('\(name)')")
            let finding = try await Self.findings(ledger)["ledger database: oldest snapshot"]
            try superuser.execute("SELECT pg_drop_replication_slot('\(name)')")
            #expect(finding?.state == .failing)
            #expect(finding?.found.contains("replication slot") == true)
        }
    }

    @Test func keysThatTheJournalLacksAreFoundAndARotationWritesThem() async throws {
        try await TestLedger.current.open { ledger in
            _ = try await ledger.sampleTenant("acme")
            let topic = "key journal: content"
            #expect(try await Self.findings(ledger)[topic]?.state == .good)
            let directory = ledger.configuration.keyJournal
            for file in try FileManager.default.contentsOfDirectory(atPath: directory) {
                try FileManager.default.removeItem(atPath: "\(directory)/\(file)")
            }
            #expect(
                try await Self.findings(ledger)[topic]?.found
                    == "7 of 7 keys are in the key store only"
            )
            _ = try await ledger.keys.rotate()
            #expect(try await Self.findings(ledger)[topic]?.state == .good)
        }
    }

    @Test func destructionsThatDidNotHappenAreFound() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let id = try await TwoOperators(ledger).erasure(of: "maria", acme, ledger)
            let before = try await Self.findings(ledger)
            #expect(before["destroyed keys"]?.state == .good)
            #expect(before["destroyed epochs"]?.state == .good)
            let karl = try await ledger.vault.records(
                acme.id,
                of: ledger.subjectTag("karl", of: acme)
            )
            let key = Hex.encode(try #require(karl.first).id.bytes)
            try TestLedger.current.connection(role: "tally_executor").execute(
                """
                SELECT tally.fence_erasure(1, '\(id.hex)', ARRAY['\\x\(key)'::bytea]);
                SELECT tally.record_destruction(1, '\(id.hex)', 1);
                SELECT tally.record_epoch(
                    1, 'file', (extract(epoch FROM now()) * 1000000)::bigint, 'it was said')
                """
            )
            let findings = try await Self.findings(ledger)
            #expect(findings["destroyed keys"]?.state == .failing)
            #expect(findings["destroyed epochs"]?.state == .failing)
        }
    }

    @Test func aLoginThatSeesNoOtherSessionsDoesNotSayThatAllIsWell() async throws {
        let login = "tally_doctor_\(UInt32.random(in: 0 ... .max))"
        let superuser = try Witness.current.superuser()
        try superuser.execute(
            """
            CREATE ROLE \(login) LOGIN;
            GRANT tally_reader, tally_operator, tally_executor, tally_projector TO \(login)
            """
        )
        var configuration = try TestLedger.current.configuration
        configuration.database = configuration.database.replacing(
            "//tally@",
            with: "//\(login)@"
        )
        let ledger = try await Ledger.open(configuration)
        let findings = try await Self.findings(ledger)
        // A slot of another test is seen by anybody.
        let state = findings["ledger database: oldest snapshot"]?.state
        #expect(state == .unknown || state == .failing)
        await ledger.close()
        try superuser.execute("DROP ROLE \(login)")
    }

    @Test func aServiceRotatesInTimeAndTakesErasuresOn() async throws {
        var configuration = try TestLedger.current.configuration
        configuration.keyEpoch = .zero
        configuration.backupRetention = .zero
        let ledger = try await Ledger.open(configuration)
        let acme = try await ledger.sampleTenant("acme")
        let id = try await TwoOperators(ledger).erasure(of: "maria", acme, ledger)
        let service = KeyService(ledger)
        await service.look()
        #expect(try await ledger.erasures.find(id).state == .purged)
        await service.look()
        #expect(try await ledger.erasures.find(id).state == .final)
        await ledger.close()
    }
}
