// What callers can say of an event, and what must not get lost on its way.

import TallyTesting
import Tallystick
import Testing

@Suite(.database)
struct FacadeAppendTests {
    private struct Invoice: Codable, Equatable {
        var total: String
        var paid: Bool
        var due: Instant?
    }

    private struct Customer: Codable, Equatable {
        var name: String
    }

    @Test func anEventsOwnExpectationAndActorCount() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            var event = NewEvent.put("s", type: "t", data: "1")
            event.expecting = .noStream
            event.actor = "user:17"
            _ = try await acme.append(event)
            #expect(try await acme.history(of: "s").map(\.actor) == ["user:17"])
            let conflict = await #expect(throws: Problem.self) { try await acme.append(event) }
            #expect(conflict?.code == .versionConflict)
            #expect(conflict?.currentVersion == 1)
        }
    }

    @Test func whatTheCallNamesStandsInTheirPlace() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            var event = NewEvent.put("s", type: "t", data: "1")
            event.expecting = .version(7)
            event.actor = "user:17"
            _ = try await acme.append(event, expecting: .noStream, actor: "user:18")
            #expect(try await acme.history(of: "s").map(\.actor) == ["user:18"])
        }
    }

    @Test func valuesAreStoredAndReadAsTheirTypes() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let invoice = Invoice(total: "140.00", paid: false, due: Instant("2026-12-01"))
            let customer = Customer(name: "Ilze")
            _ = try await acme.append(
                .put("inv/1", type: "made", encoding: invoice, personal: ["customer:1": customer])
            )
            #expect(try await acme.document("inv/1", as: Invoice.self) == invoice)
            let document = try #require(try await acme.document("inv/1"))
            #expect(try document.personal("customer:1", as: Customer.self) == customer)
            #expect(try document.personal("customer:2", as: Customer.self) == nil)
            let event = try #require(try await acme.history(of: "inv/1").first)
            #expect(try event.decode(Invoice.self) == invoice)
            #expect(try await acme.document("inv/2", as: Invoice.self) == nil)
        }
    }

    @Test func aValueOfAnotherShapeIsNamedByItsMemberAndNeverShown() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            _ = try await acme.append(
                .put("inv/1", type: "made", data: #"{"total":"secret","paid":"secret"}"#)
            )
            let problem = await #expect(throws: Problem.self) {
                try await acme.document("inv/1", as: Invoice.self)
            }
            #expect(problem?.code == .invalid)
            #expect(problem?.pointer == "/paid")
            #expect(problem?.message.contains("secret") == false)
        }
    }

    @Test func aNumberThatHasNoJSONIsRefused() {
        let problem = #expect(throws: Problem.self) {
            try NewEvent.put("s", type: "t", encoding: [Double.nan])
        }
        #expect(problem?.code == .invalid)
    }
}
