// The application's own tests, each with a ledger of its own.

import InvoiceBook
import TallyTesting
import Tallystick
import Testing

struct InvoiceBookTests {
    private static let ilze = Customer(name: "Ilze", email: "ilze@example.com")

    private func withBook(
        _ body: (Ledger, Tenant, InvoiceBook) async throws -> Void
    ) async throws {
        try await withTestLedger { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let book = InvoiceBook(acme)
            _ = try await book.issue(
                1,
                Invoice(customer: 8, cents: 500),
                to: Self.ilze,
                by: "user:1",
                request: "1"
            )
            try await body(ledger, acme, book)
        }
    }

    @Test func anInvoiceIsIssuedOnceAndPaidOnce() async throws {
        try await withBook { _, _, book in
            let again = try await book.issue(
                1,
                Invoice(customer: 8, cents: 500),
                to: Self.ilze,
                by: "user:1",
                request: "1"
            )
            #expect(again.version == 1)
            try await book.pay(1, by: "user:2")
            try await book.pay(1, by: "user:3")
            #expect(try await book.history(of: 1).map(\.actor) == ["user:1", "user:2"])
            #expect(try await book.all() == [Invoice(customer: 8, cents: 500, paid: true)])
        }
    }

    @Test func anInvoiceOfTheFirstVersionIsInEuros() async throws {
        try await withBook { _, acme, book in
            _ = try await acme.append(
                .put(
                    "billing/invoice/2",
                    type: "invoice.issued",
                    data: #"{"customer":8,"cents":70,"paid":false}"#
                )
            )
            #expect(try await book.invoice(2)?.currency == "EUR")
        }
    }

    @Test func theTableAddsUpWhatIsOpen() async throws {
        try await withBook { ledger, acme, book in
            _ = try await ledger.projections.declare(InvoiceTable.definition)
            let open = try await InvoiceTable(acme).open()
            #expect(open.map(\.cents) == [500])
            try await book.pay(1, by: "user:2")
            _ = try await ledger.projections.catchUp(["invoices"], of: acme)
            #expect(try await InvoiceTable(acme).open().isEmpty)
        }
    }

    @Test func aCustomerIsExportedAndForgottenAndTheInvoiceStays() async throws {
        try await withBook { ledger, acme, book in
            let desk = PrivacyDesk(ledger, acme)
            #expect(try await desk.export(8).count == 1)
            let erasure = try await desk.requestErasure(of: 8, by: nil)
            #expect(try await desk.carryOut(erasure, approvedBy: nil).state == .purged)
            #expect(try await desk.export(8).isEmpty)
            #expect(try await book.customer(of: 1) == nil)
            #expect(try await book.invoice(1)?.cents == 500)
            #expect(try await !ledger.verify(acme).isBroken)
        }
    }

    @Test func aMistakeIsTakenBack() async throws {
        try await withBook { ledger, acme, book in
            try await book.pay(1, by: "script:9")
            let changed = try await Rewinding(ledger, acme)
                .rewind(to: .position(1), askedBy: nil, approvedBy: nil)
            #expect(changed == 1)
            #expect(try await book.invoice(1)?.paid == false)
        }
    }
}
