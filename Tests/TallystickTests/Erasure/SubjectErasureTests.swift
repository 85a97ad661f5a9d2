// One person is erased: nothing of hers can be read or sealed any more, everybody else's stays, and
// the chain verifies.

import TallyCore
import TallyPostgres
import TallyReplay
import TallyStore
import TallyTesting
import TallyVault
import Tallystick
import Testing

@Suite(.database)
struct SubjectErasureTests {
    @Test func anErasureGoesThroughItsStatesToTheEnd() async throws {
        var configuration = try TestLedger.current.configuration
        configuration.backupRetention = .zero
        let ledger = try await Ledger.open(configuration)
        let acme = try await ledger.sampleTenant("acme")
        let operators = try await TwoOperators(ledger)
        let erasures = ledger.erasures
        let id = try await operators.erasure(of: "maria", acme, ledger)
        #expect(try await erasures.run(id).state == .purged)
        #expect(try await erasures.find(id).purgedParts == 3)
        #expect(try await erasures.run(id).state == .purged, "running it again changes nothing")

        let card = try #require(try await acme.document("crm/contact/1"))
        #expect(card.personal.keys.sorted() == ["karl"])
        #expect(card.erasedParts == 2)
        #expect(await acme.answer([.personal("crm/contact/9", "maria")]).problem == .erased)
        #expect(await acme.answer([.personal("crm/contact/9", "karl")]).receipts.count == 1)
        try await Witness.current.expectSound(acme.id, vault: ledger.vault)

        let rotated = try await ledger.keys.rotate()
        #expect(rotated.destroyed == [1])
        _ = try await ErasureRound(ledger.decisionContext).advance()
        #expect(try await erasures.find(id).state == .final)
        #expect(try Witness.current.states(acme.id) == Self.states)
        await ledger.close()
    }

    private static let states = [
        "requested", "approved", "fenced", "keysDestroyed", "purged", "epochRetired", "final",
    ]

    @Test func theLogKeepsNoPartAndTheTrailNoTag() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let subject = try await ledger.subjectTag("maria", of: acme)
            let operators = try await TwoOperators(ledger)
            #expect(try Witness.current.tags(subject) == 3)
            let id = try await operators.erasure(of: "maria", acme, ledger)
            _ = try await ledger.erasures.run(id)
            #expect(try Witness.current.tags(subject) == 0)
            let retried = await acme.answer(LedgerSample.requests[0], request: "r0")
            #expect(retried.receipts.map(\.position) == [1])
            let check = try await ProjectionCheck(pool: ledger.readers, vault: ledger.vault)
                .run(acme.id)
            #expect(check.isSound)
        }
    }

    @Test func anAppendThatMeetsAnErasedPersonUsesTheConnectionsThatAreOpen() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            _ = try await ledger.erasures.run(operators.erasure(of: "maria", acme, ledger))
            #expect(await acme.answer([.personal("s", "maria")]).problem == .erased)
            let open = try Self.backends()
            for _ in 0..<5 {
                #expect(await acme.answer([.personal("s", "maria")]).problem == .erased)
                let retried = await acme.answer(LedgerSample.requests[0], request: "r0")
                #expect(retried.receipts.map(\.position) == [1])
            }
            // A second one may be needed, but none is closed and made again.
            #expect(try Set(Self.backends()).isSuperset(of: open))
            #expect(!open.isEmpty)
        }
    }

    /// The connections of writers, by their processes.
    private static func backends() throws -> [String] {
        let rows = try TestLedger.current.attacker().query(
            """
            SELECT format('%s %s', pid, backend_start) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
                AND query SIMILAR TO '%tally.(judge|read_request)%' ORDER BY 1
            """,
            []
        )
        return try (0..<rows.count).map { try rows.text($0, 0) }
    }

    @Test func onlyTheClassesThatAreNamedAreErased() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            let id = try await operators.erasure(of: "maria", acme, classes: ["tax"], ledger)
            #expect(try await ledger.erasures.run(id).purgedParts == 1)
            let card = try #require(try await acme.document("crm/contact/1"))
            #expect(card.personal.keys.sorted() == ["karl", "maria"])
            #expect(await acme.answer([.personal("s", "maria#tax")]).problem == .erased)
            #expect(await acme.answer([.personal("s", "maria")]).receipts.count == 1)
            let subject = try await ledger.subjectTag("maria", of: acme)
            #expect(try Witness.current.tags(subject) == 2)
            try await Witness.current.expectSound(acme.id, vault: ledger.vault)
        }
    }

    @Test func aSubjectOfManyRequestsIsForgottenInEachOfThem() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let about = ["karl", "eva"].flatMap { name in
                (0..<150).map {
                    AppendRequest([NewEvent.personal("s/\(name)/\($0)", name)], id: "\(name) \($0)")
                }
            }
            let results = await acme.append(requests: about)
            for result in results { _ = try result.get() }
            let operators = try await TwoOperators(ledger)
            let id = try await operators.erasure(of: "eva", acme, ledger)
            #expect(try await ledger.erasures.run(id).purgedParts == 150)
        }
    }

    @Test func somebodyWithoutAnyEventIsFencedToo() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            let id = try await operators.erasure(of: "nobody", acme, ledger)
            #expect(try await ledger.erasures.run(id).state == .purged)
            #expect(await acme.answer([.personal("s", "nobody")]).problem == .erased)
        }
    }

    @Test func aProjectionThatNobodyRunsHoldsAnErasureUpUntilItIsRemoved() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.sampleTenant("acme")
            let operators = try await TwoOperators(ledger)
            try TestLedger.current.connection(role: "tally_projector")
                .execute("SELECT tally.register_projection('gone', 1)")
            let id = try await operators.erasure(of: "maria", acme, ledger)
            let waits = await #expect(throws: Problem.self) { try await ledger.erasures.run(id) }
            #expect(waits?.code == .projectionBehind)
            try await ProjectionStopping.remove("gone", operators: ledger.operators)
            #expect(try await ledger.erasures.run(id).state == .purged)
            let projectors = try TestLedger.current.connection(role: "tally_projector")
            #expect(throws: PostgresError.self) {
                try projectors.execute("SELECT tally.register_projection('gone', 1)")
            }
            try projectors.execute("SELECT tally.register_projection('gone', 2)")
            try await ProjectionStopping.remove("gone", operators: ledger.operators)
            for (name, code) in [("gone", Problem.Code.notFound), ("trail", .invalid)] {
                let error = await #expect(throws: Problem.self) {
                    try await ProjectionStopping.remove(name, operators: ledger.operators)
                }
                #expect(error?.code == code)
            }
        }
    }
}
