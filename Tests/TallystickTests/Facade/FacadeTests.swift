// What operators and services do, through the public interface alone.

import Foundation
import ServiceLifecycle
import TallyPostgres
import TallyTesting
import Tallystick
import Testing

@Suite(.database)
struct FacadeTests {
    private struct Row: Decodable, Equatable {
        var stream: String
        var total: Double?
    }

    private static func invoices() throws(Problem) -> TableDefinition {
        try TableDefinition(
            name: "invoices",
            collection: "inv",
            columns: [TableColumn("total", .numeric, from: "$.data.total")]
        )
    }

    @Test func tenantsAreListedOldestFirst() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme", region: "eu")
            _ = try await ledger.createTenant(named: "globex")
            let receipt = try await acme.append(.put("s", type: "t", data: "1"))
            let tenants = try await ledger.tenants().filter { $0.slot > 0 }
            #expect(tenants.map(\.name) == ["acme", "globex"])
            let summary = try await acme.summary()
            #expect(summary.eventCount == 2 && summary.region == "eu")
            #expect(summary.leafHash == receipt.leafHash && summary.newestAt == receipt.recordedAt)
            #expect(summary.state == .active && summary.id == acme.id)
        }
    }

    @Test func aVerdictIsAValueAndNamesWhatWasChanged() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            _ = try await acme.append(.put("s", type: "t", data: "1"))
            #expect(try await !ledger.verify(acme, opensEvents: true).isBroken)
            try TestLedger.current.attacker().execute(
                "UPDATE tally.event SET body = body || '\\x00' WHERE position = 1"
            )
            let verdict = try await ledger.verify(acme)
            #expect(verdict.isBroken)
            #expect(verdict.findings.map(\.name) == [.alteredBody])
            #expect(verdict.findings.first?.position == 1)
        }
    }

    @Test func aTableIsDeclaredFilledAndReadByItsTenantOnly() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let globex = try await ledger.createTenant(named: "globex")
            _ = try await acme.append(.put("inv/1", type: "t", data: #"{"total":140.5}"#))
            _ = try await globex.append(.put("inv/2", type: "t", data: #"{"total":7}"#))
            #expect(try await ledger.projections.declare(Self.invoices())?.rows == 2)
            #expect(try await ledger.projections.declare(Self.invoices()) == nil)
            let query = "SELECT stream, total FROM tally_tables.invoices WHERE total > $1"
            let rows = try await acme.rows(of: Row.self, query, [.integer(1)])
            #expect(rows == [Row(stream: "inv/1", total: 140.5)])
            let report = try await ledger.projections.check("invoices", of: acme)
            #expect(report.isSound && report.rows == 1)
        }
    }

    @Test func aStatementThatWritesOrIsWrongIsRefused() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            for statement in [
                "DELETE FROM tally.event", "SELECT * FROM tally.event", "SELECT 1; SELECT 2", "",
                "SELECT nextval('no_such')", "SELECT 1 AS stream",
            ] {
                let problem = await #expect(throws: Problem.self, "\(statement)") {
                    try await acme.rows(of: Row.self, statement)
                }
                #expect(problem?.code == .invalid, "\(statement)")
            }
        }
    }

    @Test func tooManyRowsAreRefusedAndNotCutOff() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let rows = "SELECT n::text AS stream FROM generate_series(1, $1::bigint) AS n"
            #expect(try await acme.rows(of: Row.self, rows, [.integer(10_000)]).count == 10_000)
            let problem = await #expect(throws: Problem.self) {
                try await acme.rows(of: Row.self, rows, [.integer(10_001)])
            }
            #expect(problem?.code == .tooLarge)
        }
    }

    @Test func aLedgerIsAServiceThatClosesWhenTheProgramEnds() async throws {
        let ledger = try await Ledger.open(TestLedger.current.configuration)
        let acme = try await ledger.createTenant(named: "acme")
        let running = Task { await ledger.run() }
        _ = try await acme.append(.put("s", type: "t", data: "1"))
        running.cancel()
        await running.value
        let problem = await #expect(throws: Problem.self) {
            try await acme.append(.put("s", type: "t", data: "2"))
        }
        #expect(problem?.code == .unavailable)
    }

    @Test func datesMeanTheirMicrosecond() throws {
        let instant = try #require(Instant("2026-11-20T12:00:00.123456Z"))
        #expect(Instant(instant.date) == instant)
        #expect(Instant(Date(timeIntervalSince1970: 0)).microsecondsSince1970 == 0)
        #expect(Instant(Date(timeIntervalSince1970: .infinity)).microsecondsSince1970 == .max)
    }
}
