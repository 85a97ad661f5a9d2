// Skips that are taken back: what was left out is put where it belongs, and an event says so.

import TallyCore
import TallyPostgres
import TallyStore
import TallyTesting
import Tallystick
import Testing

@testable import TallyReplay

@Suite(.database, .serialized)
struct UnskipTests {
    private static let stream = "crm/contact/1"

    /// A tenant whose second of three patches is damaged, and what damages and repairs it.
    private func damaged(
        _ body: (Ledger, Tenant, TableSite, _ repair: () throws -> Void) async throws -> Void
    ) async throws {
        let test = try TestLedger.current
        try await test.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let site = TableSite(ledger)
            _ = try await site.declare(.sample())
            for (key, value) in [("a", "1"), ("b", "2"), ("c", "3")] {
                _ = try await acme.append(
                    .patch(Self.stream, type: "t", data: #"{"\#(key)":"\#(value)"}"#)
                )
            }
            let attacker = try test.attacker()
            func flip() throws {
                try attacker.execute(
                    """
                    UPDATE tally.event SET body = set_byte(body, 80, get_byte(body, 80) # 255)
                    WHERE slot = 1 AND position = 2
                    """
                )
            }
            try flip()
            try await body(ledger, acme, site, flip)
        }
    }

    private func skip(_ ledger: Ledger, _ acme: Tenant, _ name: String) async throws {
        let stop = try await ledger.projectionRunner().catchUp(acme.id, [name])
        #expect(stop?.position == 2)
        _ = try await ledger.projections.skip(2, in: name, of: acme, reason: "OPS-1")
        #expect(try await ledger.projectionRunner().catchUp(acme.id, [name]) == nil)
    }

    @Test func whatWasLeftOutIsInDocumentsAndTables() async throws {
        try await damaged { ledger, acme, site, repair in
            try await skip(ledger, acme, "documents")
            try await site.catchUp(acme)
            #expect(try await acme.document(Self.stream)?.data == #"{"a":"1","c":"3"}"#)
            try repair()
            let size = try await ledger.registry.find("acme").size
            #expect(
                try await ledger.projections.unskip(2, in: "documents", of: acme, reason: "OPS-2")
                    == size
            )
            #expect(try await acme.document(Self.stream)?.data == #"{"a":"1","b":"2","c":"3"}"#)
            #expect(try await ledger.projectionRunner().catchUp(acme.id, ["documents"]) == nil)
            try await site.catchUp(acme)
            #expect(try await site.check(acme).differing == [])
            let check = ProjectionCheck(pool: ledger.readers, vault: ledger.vault)
            #expect(try await check.run(acme.id).isSound)
            let again = await #expect(throws: Problem.self) {
                _ = try await ledger.projections.unskip(
                    2,
                    in: "documents",
                    of: acme,
                    reason: "OPS-3"
                )
            }
            #expect(again?.code == .notFound)
            #expect(try await ledger.registry.find("acme").size == size + 1)
        }
    }

    @Test func whatWasLeftOutIsFoundByTheTrail() async throws {
        try await damaged { ledger, acme, _, repair in
            try await skip(ledger, acme, "trail")
            try repair()
            _ = try await ledger.projections.unskip(2, in: "trail", of: acme, reason: "OPS-2")
            #expect(try await ledger.projectionRunner().catchUp(acme.id, ["trail"]) == nil)
            #expect(try await acme.events(where: "type:t").events.map(\.position) == [1, 2, 3])
            let check = TrailCheck(pool: ledger.readers, vault: ledger.vault)
            #expect(try await check.run(acme.id).isSound)
        }
    }

    @Test func anEventThatStillCannotBeAppliedStaysSkipped() async throws {
        try await damaged { ledger, acme, _, _ in
            for name in ["documents", "trail"] {
                try await skip(ledger, acme, name)
                let size = try await ledger.registry.find("acme").size
                let problem = await #expect(throws: Problem.self) {
                    _ = try await ledger.projections.unskip(2, in: name, of: acme, reason: "OPS-2")
                }
                #expect(problem?.code == .misconfigured)
                #expect(try await ledger.registry.find("acme").size == size)
            }
            #expect(try await acme.document(Self.stream)?.data == #"{"a":"1","c":"3"}"#)
        }
    }
}
