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
        for forgery in Forgery.all where forgery.need.isMet(by: .judged) {
            var batch = try RawBatch(tenants, count: 2, on: writer)
            forgery.bend(&batch)
            try writer.execute("BEGIN")
            try expect(forgery, writer.verdicts(batch.statement(.judged)), batch)
            try writer.execute("ROLLBACK")
        }
        #expect(try superuser.contents() == before)
        try Self.expectStored(tenants, .judged, writer, superuser)
    }

    @Test(arguments: [AppendForm.plain, .whole])
    func theFormsThatStoreAllRefuseTheSame(_ form: AppendForm) async throws {
        let tenants = [try await Database.tenant("acme"), try await Database.tenant("globex")]
        let writer = try TestLedger.current.connection(role: "tally_writer")
        let superuser = try Database.superuser()
        let before = try superuser.contents()
        for forgery in Forgery.all where forgery.need.isMet(by: form) {
            var batch = try RawBatch(tenants, count: 2, on: writer)
            forgery.bend(&batch)
            let state = writer.refusal(batch.statement(form))?.sqlState ?? "stored"
            let states = ["TL001", "TL002", "TL008", "TL013", "23505"]
            #expect(states.contains(state), "\(forgery.name): \(state)")
        }
        #expect(try superuser.contents() == before)
        try Self.expectStored(tenants, form, writer, superuser)
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
            let verdicts = writer.verdicts(batch.statement(.perTenant))
            #expect((try? verdicts.get())?.contains("stored") != true, "\(forgery.name)")
        }
        #expect(try superuser.contents() == before)
        try Self.expectStored([tenant], .perTenant, writer, superuser)
    }

    /// An honest batch is taken, in which some events have several parts.
    private static func expectStored(
        _ tenants: [TenantID],
        _ form: AppendForm,
        _ writer: Connection,
        _ superuser: Connection
    ) throws {
        for parts in [1, form == .plain ? 1 : 3] {
            var honest = try RawBatch(tenants, count: 2, on: writer)
            for number in honest.events.indices where number % 2 == 1 {
                honest.events[number].parts += (1..<parts).map { _ in
                    [1] + SecureRandom.bytes(92)
                }
                honest.events[number].leaf.partDigests =
                    honest.events[number].parts.map { SHA256.hash($0) }
            }
            let verdicts = try writer.texts(honest.statement(form))
            #expect(Set(verdicts) == ["stored"])
            for tenant in tenants { #expect(try isSound(tenant, superuser)) }
        }
    }

    @Test(arguments: ["REPEATABLE READ", "SERIALIZABLE"])
    func appendNeedsReadCommitted(_ isolation: String) async throws {
        let tenant = try await Database.tenant("acme")
        let writer = try TestLedger.current.connection(role: "tally_writer")
        let superuser = try Database.superuser()
        let before = try superuser.contents()
        for form in AppendForm.allCases {
            let batch = try RawBatch([tenant], count: 1, on: writer)
            try writer.execute("BEGIN ISOLATION LEVEL \(isolation)")
            let refusal = writer.refusal(batch.statement(form))
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
        for form in AppendForm.allCases {
            #expect(writer.refusal(batch.statement(form))?.sqlState == "TL001")
        }
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
        for form in AppendForm.allCases {
            guard form.isJudging else {
                #expect(writer.refusal(batch.statement(form))?.sqlState == "TL013")
                continue
            }
            #expect(try writer.texts(batch.statement(form)) == ["conflict", "conflict"])
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
        let id = "(SELECT slot FROM tally.tenant WHERE tenant_id = '\(tenant.hex)')"
        let findings = try superuser.texts(
            "SELECT finding FROM tally.verify_range(\(id), 0, 100)"
        )
        let sizes = try superuser.number("SELECT size FROM tally.head WHERE slot = \(id)")
        let count = try superuser.number(
            "SELECT count(*) FROM tally.event WHERE slot = \(id)"
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
