// An event that cannot be applied stops its own tenant's projection and nothing else, until
// somebody retries or skips it; skipping is an event of its own.

import TallyCore
import TallyPostgres
import TallyReplay
import TallyStore
import TallyTesting
import Tallystick
import Testing

@Suite(.database, .serialized)
struct PoisonTests {
    private static let names: Set = [BuiltInProjection.documents, BuiltInProjection.trail]

    /// Two tenants; the event at position 3 of the first does not open.
    private func damaged(
        _ body: (Ledger, _ acme: Tenant, _ other: Tenant, _ repair: () throws -> Void) async throws
            -> Void
    ) async throws {
        let test = try TestLedger.current
        try await test.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let other = try await ledger.createTenant(named: "globex")
            for tenant in [acme, other] {
                for number in 1...5 {
                    _ = try await tenant.append(
                        .put("s/\(number)", type: "t", data: #"{"n":\#(number)}"#)
                    )
                }
            }
            let attacker = try test.attacker()
            func flip() throws {
                try attacker.execute(
                    """
                    UPDATE tally.event SET body = set_byte(body, 80, get_byte(body, 80) # 255)
                    WHERE slot = 1 AND position = 3
                    """
                )
            }
            try flip()
            try await body(ledger, acme, other, flip)
        }
    }

    private func progress(_ ledger: Ledger, _ tenant: Tenant) async throws -> TenantProgress {
        try #require(
            try await ProjectionRunner.progress(ledger.projectors, "documents", 1)
                .first { $0.tenant == tenant.id }
        )
    }

    @Test func itStopsItsOwnTenantAndNobodyElse() async throws {
        try await damaged { ledger, acme, other, _ in
            let runner = ledger.projectionRunner()
            while try await runner.round(runner.live()) {}
            let stopped = try await progress(ledger, acme)
            #expect(stopped.position == 3)
            #expect(stopped.stop?.position == 3)
            let free = try await progress(ledger, other)
            #expect(free.position == 6 && free.stop == nil)
            // What comes before it is there, and what comes after it is read from the log.
            #expect(try await acme.document("s/2")?.data == #"{"n":2}"#)
            #expect(try await acme.document("s/5")?.data == #"{"n":5}"#)
            let problem = await #expect(throws: Problem.self) { try await acme.document("s/3") }
            #expect(problem?.code == .misconfigured)
        }
    }

    @Test func aRetryGoesOnOnceTheCauseIsGone() async throws {
        try await damaged { ledger, acme, _, repair in
            let runner = ledger.projectionRunner()
            let stops = ProjectionStopping(projectors: ledger.projectors)
            for name in Self.names {
                #expect(try await runner.catchUp(acme.id, [name])?.position == 3)
                #expect(try await stops.retry(acme.id, name) == 1)
                #expect(try await runner.catchUp(acme.id, [name])?.position == 3)
            }
            try repair()
            for name in Self.names { #expect(try await stops.retry(acme.id, name) == 1) }
            #expect(try await runner.catchUp(acme.id, Self.names) == nil)
            let verdict = try await ProjectionCheck(pool: ledger.readers, vault: ledger.vault)
                .run(acme.id)
            #expect(verdict.isSound && verdict.documents == 5)
        }
    }

    @Test func aSkipIsAnEventAndLeavesTheOthers() async throws {
        try await damaged { ledger, acme, _, _ in
            let runner = ledger.projectionRunner()
            #expect(try await runner.catchUp(acme.id, ["documents"])?.position == 3)
            let said = try await ledger.projections.skip(
                3,
                in: "documents",
                of: acme,
                reason: "OPS-2211"
            )
            #expect(said == 6)
            #expect(try await runner.catchUp(acme.id, ["documents"]) == nil)
            #expect(try await acme.documents().documents.count == 4)
            let event = try #require(
                try await acme.events(where: "", after: 5, limit: 1).events.first
            )
            #expect(event.kind == "operatorAction")
            let target = try await acme.events(where: "", after: 2, limit: 1).events.first?.eventID
            #expect(
                event.data == """
                    {"action":"skip","operator":"\(String(repeating: "0", count: 32))",\
                    "projection":"documents","reason":"OPS-2211","target":"\(target ?? "")"}
                    """
            )
        }
    }

    @Test(arguments: ["damaged", "missing"])
    func aSkippedEventIsLeftOutOfItsStreamByEveryReader(how: String) async throws {
        let test = try TestLedger.current
        try await test.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            _ = try await acme.append(.put("s", type: "t", data: #"{"a":1}"#))
            _ = try await acme.append(.patch("s", type: "t", data: #"{"b":2}"#))
            _ = try await acme.append(.patch("s", type: "t", data: #"{"c":3}"#))
            let place = "WHERE slot = 1 AND position = 2"
            try test.attacker().execute(
                how == "missing"
                    ? "DELETE FROM tally.event \(place)"
                    : "UPDATE tally.event SET body = set_byte(body, 80, get_byte(body, 80) # 255) "
                        + place
            )
            let runner = ledger.projectionRunner()
            for name in Self.names {
                #expect(try await runner.catchUp(acme.id, [name])?.position == 2)
                _ = try await ledger.projections.skip(2, in: name, of: acme, reason: "OPS-1")
            }
            if how == "missing" {
                // The version itself is gone, so its stream cannot be folded on without a word.
                #expect(try await runner.catchUp(acme.id, ["documents"])?.position == 3)
                _ = try await ledger.projections.skip(3, in: "documents", of: acme, reason: "OPS-1")
            }
            for name in Self.names { #expect(try await runner.catchUp(acme.id, [name]) == nil) }
            let left = how == "missing" ? #"{"a":1}"# : #"{"a":1,"c":3}"#
            #expect(try await acme.documents().documents.map(\.data) == [left])
            if how == "damaged" { #expect(try await acme.document("s")?.data == left) }
            try await Self.expectSound(ledger, acme)
            for name in Self.names { _ = try await HistoryTests.rebuild(ledger, name) }
            try await Self.expectSound(ledger, acme)
            #expect(try await acme.documents().documents.map(\.data) == [left])
        }
    }

    private static func expectSound(_ ledger: Ledger, _ tenant: Tenant) async throws {
        let documents = try await ProjectionCheck(pool: ledger.readers, vault: ledger.vault)
            .run(tenant.id)
        #expect(documents.isSound, "\(documents.differing)")
        let trail = try await TrailCheck(pool: ledger.readers, vault: ledger.vault).run(tenant.id)
        #expect(trail.isSound, "\(trail.differing)")
    }

    /// Blames an event that was never in its page.
    private struct Slanderer: Projection {
        let name = "slanderer"
        let version = 1
        let event: Event

        func apply(_ events: [Event], in transaction: ProjectionTransaction) throws {
            throw UnappliedEvent(event, reason: "not mine")
        }

        func erase(_ erasure: ErasedEvents, in transaction: ProjectionTransaction) throws {}
    }

    @Test func aProjectionThatBlamesAnEventOfAnotherPageIsRefusedAndHarmsNobody() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let other = try await ledger.createTenant(named: "globex")
            for _ in 0..<3 { _ = try await other.append(.note("s", type: "t")) }
            let stranger = try await other.events(where: "", after: 2, limit: 1).events[0]
            let runner = ledger.projectionRunner([Slanderer(event: stranger)])
            try await runner.register()
            #expect(try await runner.round(runner.live()) == false)
            let progress = try await ProjectionRunner.progress(ledger.projectors, "slanderer", 1)
            #expect(progress.first { $0.tenant == acme.id }?.stop == nil)
            #expect(progress.first { $0.tenant == acme.id }?.position == 0)
        }
    }

    @Test(arguments: ["", "two words", "Ilze Kalniņa", String(repeating: "x", count: 65), "a\"b"])
    func aReasonIsAReferenceAndNoSentence(reason: String) async throws {
        try await damaged { ledger, acme, _, _ in
            _ = try await ledger.projectionRunner().catchUp(acme.id, ["documents"])
            let problem = await #expect(throws: Problem.self) {
                try await ledger.projections.skip(3, in: "documents", of: acme, reason: reason)
            }
            #expect(problem?.code == .invalid)
            #expect(try await ledger.registry.find("acme").size == 6)
        }
    }
}
