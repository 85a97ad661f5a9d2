// Readable values of persons in tables: where the server writes them, and that an erasure leaves
// none.

import TallyCore
import TallyPostgres
import TallyReplay
import TallyTesting
import Tallystick
import Testing

@Suite struct TableRemanenceTests {
    private let victim = Needle.canary("victim's name")
    private let control = Needle.canary("control's name")
    private let stage = Needle.canary("stage")

    /// Two contacts in a live, a kept and a building version of a table, old rows behind new ones,
    /// and the planner's statistics taken.
    private func prepare() async throws -> (site: RemanenceSite, acme: Tenant) {
        let site = try await RemanenceSite.create()
        let acme = try await site.ledger.createTenant(named: "acme")
        for (number, name) in [victim, control].enumerated() {
            _ = try await acme.append(
                .put(
                    "crm/contact/\(number)",
                    type: "t",
                    data: #"{"stage":"\#(stage.text)"}"#,
                    personal: ["p\(number)": #"{"name":"\#(name.text)"}"#]
                )
            )
        }
        try await site.ledger.declare(.named(), .plain())
        let database = ConnectionConfiguration(uri: site.dedicated.configuration.database)
        let superuser = try Connection(database)
        try superuser.execute("SELECT tally.begin_rebuild('contacts', NULL)")
        for statement in [
            "INSERT INTO tally_tables.contacts_old SELECT * FROM tally_tables.contacts",
            "INSERT INTO tally_tables.contacts_next SELECT * FROM tally_tables.contacts",
            "UPDATE tally_tables.contacts SET stage = 'an old version of the row stays behind'",
            "ANALYZE tally_tables.contacts", "ANALYZE tally_tables.contacts_old",
        ] { try superuser.execute(statement) }
        try await site.capture("before")
        return (site, acme)
    }

    /// A server that is shut down writes what it held in memory of unlogged tables, too.
    private func scan(_ site: RemanenceSite) async throws -> RemanenceScanner.Report {
        try await site.stop()
        return RemanenceScanner([victim, control, stage]).scan(site.places)
    }

    @Test func valuesOfPersonsAreInTheTablesFilesAndInNoOther() async throws {
        let (site, _) = try await prepare()
        let report = try await scan(site)
        let data = site.dedicated.cluster.dataDirectory
        for name in [victim.name, control.name] {
            let files = Set(report.hits(of: name).map(\.path))
            #expect(files.count >= 3, "live, kept and building")
            #expect(files.allSatisfy { $0.hasPrefix("\(data)/base/") }, "no WAL, backup or dump")
        }
        #expect(!report.hits(of: stage.name, under: "\(data)/pg_wal").isEmpty, "a logged table is")
        site.dedicated.remove()
    }

    @Test func anErasureLeavesNoneInAnyFile() async throws {
        let (site, acme) = try await prepare()
        // A transaction that could still read the old rows, had it ever asked for them.
        let reader = try Connection(
            ConnectionConfiguration(uri: site.dedicated.configuration.database)
        )
        try reader.execute(
            "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM tally.ledger"
        )
        let process = try reader.query("SELECT pg_backend_pid()::text").text(0, 0)
        let id = try await TwoOperators(site.ledger).erasure(of: "p0", acme, site.ledger)
        let held = await #expect(throws: Problem.self) { try await site.ledger.erasures.run(id) }
        #expect(held?.code == .unavailable)
        #expect(held?.message.contains("held up by session \(process) (") == true)
        #expect(try await site.ledger.erasures.find(id).state == .keysDestroyed)
        try await site.capture("after")
        try reader.execute("COMMIT")
        #expect(try await site.ledger.erasures.run(id).vacuumedAt != nil)
        let report = try await scan(site)
        #expect(report.hits(of: victim.name) == [])
        let data = site.dedicated.cluster.dataDirectory
        #expect(!report.hits(of: control.name, under: "\(data)/base").isEmpty)
        site.dedicated.remove()
    }
}
