// A server that crashes empties its unlogged tables. The rows come back, and until then nobody
// takes a cursor for what it is not.

import TallyPostgres
import TallyReplay
import TallyTesting
import Tallystick
import Testing

@Suite struct LostTableTests {
    @Test func rowsThatACrashTookAreAppliedAgain() async throws {
        let site = try await DedicatedLedger.create()
        defer { site.remove() }
        let before = try await Ledger.open(site.configuration)
        _ = try await before.sampleTenant("acme")
        try await before.declare(.named(), .plain())
        let begun = try await before.projectors.withConnection { connection in
            try connection.query("SELECT tally.begin_rebuild('contacts', NULL)").integer(0, 0)
        }
        var random = SeededRandom(seed: 1)
        try site.killABackend(&random)
        let superuser = try Self.connection(site.configuration.database)
        func count(_ table: String) throws -> Int64 {
            try superuser.query("SELECT count(*) FROM tally_tables.\(table)").integer(0, 0)
        }
        #expect(try count("contacts") == 0 && count("stages") == 3)
        #expect(throws: PostgresError.self, "what was being built is empty, too") {
            try superuser.execute("SELECT tally.swap_rebuild('contacts', \(begun))")
        }
        await before.close()
        let ledger = try await Ledger.open(site.configuration)
        let acme = try await ledger.tenant(named: "acme")
        _ = try await acme.append(.personal("crm/contact/4", "karl"))
        let runner = ledger.projectionRunner()
        while try await runner.round(runner.live()) {}
        #expect(try count("contacts") == 4 && count("stages") == 4)
        for table in try await TableRegistry(projectors: ledger.projectors).live() {
            let check = TableCheck(
                table.definition,
                version: table.version,
                readers: ledger.readers,
                projectors: ledger.projectors,
                vault: ledger.vault
            )
            let verdict = try await check.run(acme.id)
            #expect(verdict.differing == [] && verdict.rows == 4)
        }
        await ledger.close()
    }

    /// A connection as soon as the server has recovered, which empties what is unlogged; until it
    /// notices that a process died it takes connections that it will lose.
    private static func connection(_ uri: String) throws -> Connection {
        let end = ContinuousClock.now + .seconds(30)
        while true {
            do throws(PostgresError) {
                let connection = try Connection(ConnectionConfiguration(uri: uri))
                let alive = try connection.query("SELECT EXISTS (SELECT FROM tally.table_alive)")
                if try !alive.bool(0, 0) { return connection }
            } catch {
                guard ContinuousClock.now < end else { throw error }
            }
        }
    }
}
