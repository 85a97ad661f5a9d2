// Events that look like those of a company, the same for everybody who asks with the same seed.

public import Tallystick

/// Invoices of a small company, for tests and trials that need some history.
public enum SampleEvents {
    /// Events of invoices: made, changed, and about half of them paid.
    ///
    /// Each invoice is a stream `billing/invoice/N` with the data `total`, `paid` and a personal
    /// section of its customer, `customer:N`, with a name and an e-mail address.
    /// - Parameters:
    ///   - count: how many invoices.
    ///   - seed: another one gives other events.
    /// - Returns: two or three events per invoice, to be appended in this order.
    public static func invoices(_ count: Int, seed: UInt64 = 1) -> [NewEvent] {
        var random = SeededRandom(seed: seed)
        return (1...max(1, count)).prefix(count).flatMap { invoice($0, &random) }
    }

    private static func invoice(_ number: Int, _ random: inout SeededRandom) -> [NewEvent] {
        let stream = "billing/invoice/\(number)"
        let customer = Int.random(in: 1...max(1, number), using: &random)
        let cents = Int.random(in: 100...99_999, using: &random)
        var events = [
            NewEvent.put(
                stream,
                type: "invoice.made",
                data: #"{"total":\#(cents / 100),"paid":false}"#,
                personal: ["customer:\(customer)": person(customer)]
            ),
            .patch(stream, type: "invoice.corrected", data: #"{"total":\#(cents / 100 + 1)}"#),
        ]
        if Bool.random(using: &random) {
            events.append(.patch(stream, type: "invoice.paid", data: #"{"paid":true}"#))
        }
        for index in events.indices { events[index].actor = "user:\(number % 7)" }
        return events
    }

    private static func person(_ number: Int) -> String {
        #"{"name":"Customer \#(number)","email":"customer\#(number)@example.com"}"#
    }
}
