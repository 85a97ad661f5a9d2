// The invoices of one tenant: every change is an event, every read is what the events add up to.

import Tallystick

/// Issues, changes and lists the invoices of a tenant.
package struct InvoiceBook: Sendable {
    /// How often a change is tried again after somebody else's.
    private static let tries = 3

    private let tenant: Tenant

    package init(_ tenant: Tenant) {
        self.tenant = tenant
    }

    /// Issues an invoice; a retry with the same request id issues it once.
    package func issue(
        _ number: Int,
        _ invoice: Invoice,
        to customer: Customer,
        by user: String,
        request: String
    ) async throws -> Receipt {
        try await tenant.append(
            .put(
                Self.stream(number),
                type: "invoice.issued",
                encoding: invoice,
                personal: ["customer:\(invoice.customer)": customer]
            ),
            expecting: .noStream,
            actor: user,
            request: request
        )
    }

    /// Notes that an invoice is paid, unless it is already.
    ///
    /// What was read counts: if somebody changes the invoice in between, it is read again.
    package func pay(_ number: Int, by user: String) async throws {
        for _ in 0..<Self.tries {
            guard let document = try await tenant.document(Self.stream(number)) else { return }
            guard try !document.decode(Invoice.self).paid else { return }
            do throws(Problem) {
                _ = try await tenant.append(
                    .patch(document.stream, type: "invoice.paid", data: #"{"paid":true}"#),
                    expecting: .version(document.version),
                    actor: user
                )
                return
            } catch {
                guard error.code == .versionConflict else { throw error }
            }
        }
        throw BusyInvoice(number: number)
    }

    /// An invoice now, or as it was; `nil` when there is none.
    package func invoice(_ number: Int, at moment: Moment? = nil) async throws -> Invoice? {
        try await tenant.document(Self.stream(number), as: Invoice.self, at: moment)
    }

    /// Whom an invoice is for; `nil` once the customer was erased.
    package func customer(of number: Int) async throws -> Customer? {
        guard let document = try await tenant.document(Self.stream(number)) else { return nil }
        let invoice = try document.decode(Invoice.self)
        return try document.personal("customer:\(invoice.customer)", as: Customer.self)
    }

    /// All invoices, page by page.
    package func all() async throws -> [Invoice] {
        var (invoices, next) = ([Invoice](), String?.none)
        repeat {
            let page = try await tenant.documents(collection: Self.collection, after: next)
            invoices += try page.documents.map { try $0.decode(Invoice.self) }
            next = page.next
        } while next != nil
        return invoices
    }

    /// What happened to an invoice, oldest first.
    package func history(of number: Int) async throws -> [Event] {
        try await tenant.history(of: Self.stream(number))
    }

    static let collection = "billing/invoice"

    static func stream(_ number: Int) -> String { "\(collection)/\(number)" }
}

/// Somebody else kept changing the invoice.
package struct BusyInvoice: Error {
    package let number: Int
}
