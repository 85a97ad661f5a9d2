// A value that does not fit its column stops its own tenant's table, names the event, and can be
// skipped.

import TallyCore
import TallyPostgres
import TallyStore
import TallyTesting
import Tallystick
import Testing

@testable import TallyReplay

@Suite(.database, .serialized)
struct TableStopTests {
    /// A strict table, and a tenant whose event 4 does not fit, among others that do.
    private func stopped(_ body: (TableSite, Tenant) async throws -> Void) async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let site = TableSite(ledger)
            _ = try await site.declare(.sample(isLenient: false))
            let texts = [#""x""#, #""y""#, #""z""#, "1", #""long""#]
            for (number, text) in texts.enumerated() {
                _ = try await acme.append(
                    .put("crm/contact/\(number % 2)", type: "t", data: #"{"a":\#(text)}"#)
                )
            }
            try await body(site, acme)
        }
    }

    @Test func theEventIsNamedAndEverythingBeforeItIsApplied() async throws {
        try await stopped { site, acme in
            let stop = try await site.ledger.projectionRunner().catchUp(acme.id, ["contacts"])
            #expect(stop?.position == 4)
            #expect(stop?.reason == "column title: the value is no text")
            #expect(try await site.check(acme).position == 4)
            #expect(try await site.check(acme).differing == [])
        }
    }

    @Test func aSkippedEventIsLeftOutByEventsAndByRebuilds() async throws {
        try await stopped { site, acme in
            _ = try await site.ledger.projectionRunner().catchUp(acme.id, ["contacts"])
            _ = try await site.ledger.projections.skip(4, in: "contacts", of: acme, reason: "OPS-1")
            try await site.catchUp(acme)
            #expect(try await site.check(acme).differing == [])
            _ = try await site.rebuild()
            #expect(try await site.check(acme).differing == [])
            let connection = try TestLedger.current.connection(role: "tally_table_reader")
            try connection.execute("SET tally.tenant = '\(acme.id.hex)'")
            let rows = try connection.query(
                "SELECT title FROM tally_tables.contacts ORDER BY stream"
            )
            #expect(try rows.text(0, 0) == "long" && rows.text(1, 0) == "y")
        }
    }

    @Test func aBuildThatMeetsSuchAValueLeavesTheOldVersion() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let site = TableSite(ledger)
            _ = try await site.declare(.sample())
            _ = try await acme.append(.put("crm/contact/1", type: "t", data: #"{"a":1}"#))
            let error = await #expect(throws: Problem.self) {
                _ = try await site.declare(.sample(isLenient: false))
            }
            #expect(error?.message.contains("column title: the value is no text") == true)
            try await site.catchUp(acme)
            #expect(try await site.check(acme).differing == [])
            #expect(try await TableRegistry(projectors: ledger.projectors).live()[0].version == 2)
        }
    }

    @Test func aDeclarationThatWasInterruptedIsMadeWholeByTheNext() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            _ = try await acme.append(.put("crm/contact/1", type: "t", data: #"{"a":1}"#))
            let site = TableSite(ledger)
            await #expect(throws: Problem.self, "the value does not fit") {
                _ = try await site.declare(.sample(isLenient: false))
            }
            await #expect(throws: Problem.self, "and still does not") {
                _ = try await site.declare(.sample(isLenient: false))
            }
            #expect(try await site.declare(.sample())?.rows == 1)
            #expect(try await site.declare(.sample()) == nil)
            #expect(try await site.check(acme).differing == [])
        }
    }

    @Test func aSkipOfTheDocumentsIsOneOfTheTables() async throws {
        let test = try TestLedger.current
        try await test.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            for number in 1...2 {
                _ = try await acme.append(
                    .put("crm/contact/1", type: "t", data: #"{"a":"\#(number)"}"#)
                )
            }
            try test.attacker().execute(
                "UPDATE tally.event SET body = set_byte(body, 80, get_byte(body, 80) # 1) WHERE "
                    + "position = 2 AND stream IS NOT NULL"
            )
            let site = TableSite(ledger)
            let runner = ledger.projectionRunner()
            #expect(try await runner.catchUp(acme.id, ["documents"])?.position == 2)
            _ = try await ledger.projections.skip(2, in: "documents", of: acme, reason: "OPS-1")
            _ = try await site.declare(.sample())
            #expect(try await site.check(acme).differing == [])
            _ = try await acme.append(.put("crm/contact/2", type: "t", data: "{}"))
            try await site.catchUp(acme, documents: true)
            #expect(try await site.check(acme).differing == [])
        }
    }

    @Test func aNameThatIsTakenIsRefusedAndARemovedTableCanBeDeclaredAgain() async throws {
        try await TestLedger.current.open { ledger in
            let site = TableSite(ledger)
            let documents = try TableDefinition(
                name: "documents",
                collection: "c",
                columns: [TableColumn("a", from: ColumnPath("$.data.a"))]
            )
            let error = await #expect(throws: Problem.self) {
                _ = try await site.declare(documents)
            }
            #expect(error?.code == .invalid)
            _ = try await site.declare(.sample())
            try await ProjectionStopping.remove("contacts", operators: ledger.operators)
            let superuser = try TestLedger.current.attacker()
            let left = try superuser.query(
                "SELECT count(*) FROM pg_class WHERE relnamespace = 'tally_tables'::regnamespace"
            )
            #expect(try left.integer(0, 0) == 0, "its tables are gone")
            #expect(try await site.declare(.sample())?.version == 4)
        }
    }
}
