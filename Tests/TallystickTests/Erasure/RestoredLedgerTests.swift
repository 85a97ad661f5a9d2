// A ledger that is restored from a backup of before an erasure: the ciphertext is back, and the
// same erasure, asked for again, removes it although its keys are destroyed already.

import TallyCore
import TallyPostgres
import TallyStore
import TallyTesting
import Tallystick
import Testing

@Suite(.database)
struct RestoredLedgerTests {
    @Test(arguments: [false, true])
    func aRepeatedErasurePurgesWhatAnOlderBackupBroughtBack(wholeTenant: Bool) async throws {
        let test = try TestLedger.current
        let backup = try LedgerBackup()
        let operators = try await test.open { ledger in
            _ = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            try backup.take()
            return operators
        }
        func erase(_ ledger: Ledger) async throws -> Erasure {
            let tenant = try await ledger.tenant(named: "acme")
            let id =
                wholeTenant
                ? try await operators.erasure(of: tenant, ledger)
                : try await operators.erasure(of: "maria", tenant, ledger)
            return try await ledger.erasures.run(id)
        }
        let first = try await test.open { try await erase($0) }
        try backup.restore()
        try await test.open { ledger in
            let again = try await erase(ledger)
            #expect(again.purgedParts == first.purgedParts && first.purgedParts > 0)
            let keys = try await ErasureRegister(pool: ledger.executors).fencedKeys(again.id)
            #expect(!keys.isEmpty)
            try await Witness.current.expectSound(again.tenant, vault: nil)
            let certificate = try await CertificateBuilder(ledger.decisionContext)
                .build(again.id, signedBy: operators.asking)
            let failing = CertificateVerifier(certificate).checks().filter { !$0.passed }
            #expect(failing == [])
        }
    }
}

/// A copy of all tables of the ledger's database, as a backup would have them.
private struct LedgerBackup {
    private let superuser: Connection
    private let tables: [String]

    init() throws {
        superuser = try Witness.current.superuser()
        let rows = try superuser.query(
            "SELECT tablename::text FROM pg_tables WHERE schemaname = 'tally' ORDER BY 1"
        )
        tables = try (0..<rows.count).map { try rows.text($0, 0) }
    }

    func take() throws {
        try superuser.execute("CREATE SCHEMA backup")
        for table in tables {
            try superuser.execute("CREATE TABLE backup.\(table) AS TABLE tally.\(table)")
        }
    }

    /// Puts the copy in place of what is there; triggers do not see it.
    func restore() throws {
        try superuser.execute("SET session_replication_role = replica")
        for table in tables {
            try superuser.execute(
                "DELETE FROM tally.\(table); INSERT INTO tally.\(table) TABLE backup.\(table)"
            )
        }
        try superuser.execute("RESET session_replication_role")
    }
}
