// The article about evolving events, compiled and run.

import TallyTesting
import Tallystick
import Testing

@Suite(.database)
struct EvolvingArticleTests {
    struct Invoice: Codable {
        var cents: Int
        var currency: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            cents = try container.decode(Int.self, forKey: .cents)
            // Before there were currencies, every invoice was in euros.
            currency = try container.decodeIfPresent(String.self, forKey: .currency) ?? "EUR"
        }
    }

    struct Payment: Codable {
        var cents: Int
        var method: String
    }

    /// The payment that an event records; `nil` for other events.
    func payment(of event: Event) throws -> Payment? {
        switch event.type {
        case "invoice.settled": return try event.decode(Payment.self)
        // Until 2026 there was one way to pay, and the amount was in whole euros.
        case "invoice.paid":
            struct Paid: Decodable { var euros: Int }
            return try event.decode(Paid.self).map {
                Payment(cents: $0.euros * 100, method: "bank")
            }
        default: return nil
        }
    }

    @Test func theArticleAboutEvolvingEventsRuns() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            _ = try await acme.append([
                .put("inv/1", type: "invoice.made", data: #"{"cents":700}"#),
                .note("inv/1", type: "invoice.paid", data: #"{"euros":7}"#),
                .note("inv/1", type: "invoice.settled", data: #"{"cents":700,"method":"card"}"#),
            ])
            let invoice = try await acme.document("inv/1", as: Invoice.self)
            #expect(invoice?.currency == "EUR")
            let payments = try await acme.history(of: "inv/1").compactMap { try payment(of: $0) }
            #expect(payments.map(\.cents) == [700, 700])
            #expect(payments.map(\.method) == ["bank", "card"])
        }
    }
}
