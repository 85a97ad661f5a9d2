// A document that is too large to be kept goes every way that others go: into a table, a clone,
// back to a moment, and through an erasure.

import TallyPostgres
import TallyReplay
import TallyStore
import TallyTesting
import Tallystick
import Testing

@Suite(.database)
struct LargeDocumentLifeTests {
    private static let stream = "crm/contact/1"

    private static func patch(_ data: String) -> NewEvent {
        .patch(stream, type: "t", data: data, personal: ["maria": #"{"n":1}"#])
    }

    private func stages() throws -> [String] {
        let rows = try Witness.current.superuser()
            .query("SELECT stage FROM tally_tables.stages ORDER BY stage")
        return try (0..<rows.count).map { try rows.text($0, 0) }
    }

    @Test func itIsClonedRestoredErasedAndHasItsRow() async throws {
        try await TestLedger.current.open { ledger in
            let operators = try await TwoOperators(ledger)
            let acme = try await ledger.createTenant(named: "acme")
            let filler = String(repeating: "x", count: 9 << 20)
            for member in ["a", "b"] {
                let data = #"{"stage":"lead","\#(member)":"\#(filler)"}"#
                _ = try await acme.append(Self.patch(data))
            }
            let large = try await acme.content()
            #expect(large[Self.stream]?.first?.utf8.count ?? 0 > ReplayLimits.keptBytes)
            _ = try await acme.append(Self.patch(#"{"stage":"won"}"#))

            try await ledger.declare(.plain())
            #expect(try stages() == ["won"])
            let clone = try await operators.makeClone(acme, "copy", ledger)
            #expect(try await clone.content() == acme.content())

            let plan = try await ledger.restores.plan(acme, at: .position(2), .tenant)
            #expect(try await operators.apply(plan, acme, ledger).state == .applied)
            #expect(try await acme.content() == large)
            let all: Set = ["documents", "trail", "stages"]
            for tenant in [acme, clone] {
                #expect(try await ledger.projectionRunner().catchUp(tenant.id, all) == nil)
            }
            #expect(try stages() == ["lead", "won"])

            let id = try await operators.erasure(of: "maria", acme, ledger)
            #expect(try await ledger.erasures.run(id).state == .purged)
            for tenant in [acme, clone] {
                #expect(try await tenant.document(Self.stream)?.personal.isEmpty == true)
                try await Witness.current.expectSound(tenant.id, vault: ledger.vault)
            }
        }
    }
}
