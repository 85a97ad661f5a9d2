// The write path through the public interface, one promise a test.

import TallyTesting
import Tallystick
import Testing

@Suite(.database)
struct AppendTests {
    @Test func receiptsCountPositionsAndVersions() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let first = try await acme.append(
                .put("crm/contact/42", type: "contact.created", data: #"{"a":1}"#),
                expecting: .noStream,
                actor: "user:17"
            )
            let second = try await acme.append(
                .patch(
                    "crm/contact/42",
                    type: "contact.updated",
                    data: #"{"a":2}"#,
                    personal: ["person:9": #"{"name":"Ilze"}"#]
                ),
                expecting: .version(1),
                actor: "user:17"
            )
            #expect(first.position == 1)
            #expect(first.version == 1)
            #expect(second.position == 2)
            #expect(second.version == 2)
            #expect(second.recordedAt > first.recordedAt)
        }
    }
}
