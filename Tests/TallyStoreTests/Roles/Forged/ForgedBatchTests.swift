// Raw calls of the append functions with the rights of tally_writer and one lie each: nothing is
// stored, whatever was forged, and the honest batch behind them all is.

import TallyCore
import TallyCrypto
import TallyPostgres
import TallyTesting
import Tallystick
import Testing

@Suite(.database)
struct ForgedBatchTests {
    @Test func aForgedBatchStoresNothing() async throws {
        let tenants = [try await Database.tenant("acme"), try await Database.tenant("globex")]
        let writer = try TestLedger.current.connection(role: "tally_writer")
        let superuser = try Database.superuser()
        let before = try superuser.contents()
        for forgery in Forgery.all {
            var batch = try RawBatch(tenants, count: 2, on: writer)
            forgery.bend(&batch)
            try writer.execute("BEGIN")
            try expect(forgery, writer.verdicts(batch.statement(perTenant: false)), batch)
            try writer.execute("ROLLBACK")
        }
        #expect(try superuser.contents() == before)
        let honest = try RawBatch(tenants, count: 2, on: writer)
        let verdicts = try writer.texts(honest.statement(perTenant: false))
        #expect(verdicts == ["stored", "stored", "stored", "stored"])
        for tenant in tenants { #expect(try Self.isSound(tenant, superuser)) }
    }

    @Test func theFormForOneTenantRefusesTheSame() async throws {
        let tenant = try await Database.tenant("acme")
        let other = try await Database.tenant("globex")
        let writer = try TestLedger.current.connection(role: "tally_writer")
        let superuser = try Database.superuser()
        let before = try superuser.contents()
        for forgery in Forgery.ownEvents {
            var batch = try RawBatch([tenant, other], count: 2, on: writer)
            forgery.bend(&batch)
            batch.heads.removeLast()
            batch.events.removeLast(2)
            let verdicts = writer.verdicts(batch.statement(perTenant: true))
            #expect((try? verdicts.get())?.contains("stored") != true, "\(forgery.name)")
        }
        #expect(try superuser.contents() == before)
        let honest = try RawBatch([tenant], count: 2, on: writer)
        let verdicts = try writer.texts(honest.statement(perTenant: true))
        #expect(verdicts == ["stored", "stored"])
        #expect(try Self.isSound(tenant, superuser))
    }

    @Test(arguments: ["REPEATABLE READ", "SERIALIZABLE"])
    func appendNeedsReadCommitted(_ isolation: String) async throws {
        let tenant = try await Database.tenant("acme")
        let writer = try TestLedger.current.connection(role: "tally_writer")
        let superuser = try Database.superuser()
        let before = try superuser.contents()
        for perTenant in [false, true] {
            let batch = try RawBatch([tenant], count: 1, on: writer)
            try writer.execute("BEGIN ISOLATION LEVEL \(isolation)")
            let refusal = writer.refusal(batch.statement(perTenant: perTenant))
            #expect(refusal?.sqlState == "TL003")
            try writer.execute("ROLLBACK")
        }
        #expect(try superuser.contents() == before)
    }

    @Test func aBatchHasAtMostAThousandEvents() async throws {
        let tenant = try await Database.tenant("acme")
        let writer = try TestLedger.current.connection(role: "tally_writer")
        let superuser = try Database.superuser()
        let before = try superuser.contents()
        let batch = try RawBatch([tenant], count: 1001, on: writer)
        #expect(writer.refusal(batch.statement(perTenant: false))?.sqlState == "TL001")
        #expect(try superuser.contents() == before)
    }

    @Test func aBatchThatWaitedPastAClosedTimestampIsToldToBuildAgain() async throws {
        let tenant = try await Database.tenant("acme")
        let writer = try TestLedger.current.connection(role: "tally_writer")
        let superuser = try Database.superuser()
        let batch = try RawBatch([tenant], count: 2, on: writer)
        try superuser.execute(
            "UPDATE tally.head SET closed_through = recorded_at + 1 "
                + "WHERE tenant_id = '\(tenant.hex)'"
        )
        let before = try superuser.contents()
        for perTenant in [false, true] {
            let verdicts = try writer.texts(batch.statement(perTenant: perTenant))
            #expect(verdicts == ["conflict", "conflict"])
        }
        #expect(try superuser.contents() == before)
    }

    private func expect(
        _ forgery: Forgery,
        _ result: Result<[String], PostgresError>,
        _ batch: RawBatch
    ) throws {
        switch (forgery.outcome, result) {
        case (.raises(let state), .failure(let error)):
            #expect(error.sqlState == state, "\(forgery.name): \(error)")
        case (.answers(let expected), .success(let verdicts)):
            #expect(expected.isSuperset(of: verdicts.prefix(2)), "\(forgery.name): \(verdicts)")
            #expect(verdicts.dropFirst(2) == ["stored", "stored"], "\(forgery.name)")
        case (_, .failure(let error)): Issue.record("\(forgery.name): \(error)")
        case (_, .success(let verdicts)): Issue.record("\(forgery.name): \(verdicts)")
        }
    }

    private static func isSound(_ tenant: TenantID, _ superuser: Connection) throws -> Bool {
        let id = "'\(tenant.hex)'"
        let findings = try superuser.texts(
            "SELECT finding FROM tally.verify_range(\(id), 0, 100)"
        )
        let sizes = try superuser.number("SELECT size FROM tally.head WHERE tenant_id = \(id)")
        let count = try superuser.number(
            "SELECT count(*) FROM tally.event WHERE tenant_id = \(id)"
        )
        return findings.isEmpty && sizes == count
    }
}

extension Connection {
    fileprivate func verdicts(_ statement: String) -> Result<[String], PostgresError> {
        do {
            return .success(try texts(statement))
        } catch let error as PostgresError {
            return .failure(error)
        } catch {
            return .failure(PostgresError(.unexpectedResult, message: "\(error)"))
        }
    }
}
