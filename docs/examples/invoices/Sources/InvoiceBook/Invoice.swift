// What an invoice is, apart from whom it is for.

import Tallystick

/// An invoice as its document holds it.
package struct Invoice: Codable, Sendable, Equatable {
    /// The customer's id, never a name: it outlives the erasure of the customer.
    package var customer: Int
    /// The total in cents.
    package var cents: Int
    package var paid: Bool
    /// In which currency; the first version of the application wrote none, and meant euros.
    package var currency: String

    package init(customer: Int, cents: Int, paid: Bool = false, currency: String = "EUR") {
        self.customer = customer
        self.cents = cents
        self.paid = paid
        self.currency = currency
    }

    /// Old invoices are read as what they meant: the log is never rewritten.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        customer = try container.decode(Int.self, forKey: .customer)
        cents = try container.decode(Int.self, forKey: .cents)
        paid = try container.decode(Bool.self, forKey: .paid)
        currency = try container.decodeIfPresent(String.self, forKey: .currency) ?? "EUR"
    }
}

/// What is known of a customer: personal, and sealed under the customer's own key.
package struct Customer: Codable, Sendable, Equatable {
    package var name: String
    package var email: String

    package init(name: String, email: String) {
        self.name = name
        self.email = email
    }
}
