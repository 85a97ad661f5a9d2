// Random histories in tables: as events come, and built at once, the rows are what a model kept by
// hand says.

import TallyCore
import TallyPostgres
import TallyStore
import TallyTesting
import Tallystick
import Testing

@testable import TallyReplay

@Suite(.database, .serialized)
struct TableModelTests {
    @Test(arguments: [UInt64.random(in: 0..<1_000_000)])
    func rowsAreWhatTheModelSays(seed: UInt64) async throws {
        print("tables: seed \(seed)")
        var random = SeededRandom(seed: seed)
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let other = try await ledger.createTenant(named: "globex")
            let site = TableSite(ledger)
            _ = try await site.declare(.sample())
            var (history, others) = (History(), History())
            for _ in 0..<160 {
                try await history.append(to: acme, &random)
                if random.happens(oneIn: 4) { try await others.append(to: other, &random) }
                if random.happens(oneIn: 12) { try await site.catchUp(acme, documents: true) }
                if random.happens(oneIn: 12) { try await site.catchUp(acme) }
            }
            for (tenant, history) in [(acme, history), (other, others)] {
                try await site.catchUp(tenant)
                try await site.expect(tenant, history)
            }
            #expect(try await site.declare(.sample()) == nil, "nothing has changed")
            let report = try await site.declare(.sample(title: "$.data.b"))
            #expect(report?.version == 3)
            for (tenant, history) in [(acme, history), (other, others)] {
                try await site.expect(tenant, history, title: "b")
            }
            for _ in 0..<20 { try await history.append(to: acme, &random) }
            try await site.catchUp(acme)
            try await site.expect(acme, history, title: "b")
        }
    }

    @Test func aCheckFindsWhatIsNotRight() async throws {
        let test = try TestLedger.current
        try await test.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            for number in 1...4 {
                _ = try await acme.append(
                    .put("crm/contact/\(number)", type: "t", data: #"{"a":"x"}"#)
                )
            }
            let site = TableSite(ledger)
            _ = try await site.declare(.sample())
            #expect(try await site.check(acme).differing == [])
            try test.attacker().execute(
                """
                UPDATE tally_tables.contacts SET title = 'y' WHERE stream = 'crm/contact/1';
                DELETE FROM tally_tables.contacts WHERE stream = 'crm/contact/2';
                UPDATE tally_tables.contacts SET stream = 'crm/contact/5'
                WHERE stream = 'crm/contact/3'
                """
            )
            let differing = try await site.check(acme).differing
            #expect(differing == (1...3).map { "crm/contact/\($0)" } + ["crm/contact/5"])
            _ = try await site.rebuild()
            #expect(try await site.check(acme).differing == [])
        }
    }

    @Test func anotherTenantSeesNothingAndNobodyWritesButProjectors() async throws {
        let test = try TestLedger.current
        try await test.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let other = try await ledger.createTenant(named: "globex")
            _ = try await acme.append(.put("crm/contact/1", type: "t", data: #"{"a":"x"}"#))
            let site = TableSite(ledger)
            _ = try await site.declare(.sample())
            let reader = try test.connection(role: "tally_table_reader")
            func count(_ tenant: String) throws -> Int64 {
                try reader.execute("SET tally.tenant = '\(tenant)'")
                return try reader.query("SELECT count(*) FROM tally_tables.contacts").integer(0, 0)
            }
            #expect(try count("") == 0)
            #expect(try count(other.id.hex) == 0)
            #expect(try count(acme.id.hex) == 1)
            for change in ["DELETE FROM tally_tables.contacts", "TABLE tally.event"] {
                #expect(throws: PostgresError.self) { try reader.execute(change) }
            }
            for role in ["tally_reader", "tally_auditor", "tally_writer", "tally_operator"] {
                let other = try test.connection(role: role)
                try other.execute("SET tally.tenant = '\(acme.id.hex)'")
                #expect(throws: PostgresError.self, "\(role)") {
                    try other.execute("TABLE tally_tables.contacts")
                }
            }
        }
    }
}
