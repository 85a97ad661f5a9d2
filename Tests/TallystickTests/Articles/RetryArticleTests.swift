// The article about errors and retries, compiled and run.

import TallyTesting
import Tallystick
import Testing

@Suite(.database)
struct RetryArticleTests {
    func append(_ event: NewEvent, to tenant: Tenant, request: String) async throws -> Receipt {
        for pause in [Duration.milliseconds(50), .milliseconds(250), .seconds(1)] {
            do throws(Problem) {
                return try await tenant.append(event, request: request)
            } catch {
                guard [.unavailable, .overloaded, .outcomeUnknown].contains(error.code) else {
                    throw error
                }
                try await Task.sleep(for: pause)
            }
        }
        return try await tenant.append(event, request: request)
    }

    func markPaid(_ stream: String, in tenant: Tenant) async throws {
        while let invoice = try await tenant.document(stream) {
            do throws(Problem) {
                _ = try await tenant.append(
                    .patch(stream, type: "invoice.paid", data: #"{"paid":true}"#),
                    expecting: .version(invoice.version)
                )
                return
            } catch {
                guard error.code == .versionConflict else { throw error }
            }
        }
    }

    @Test func theArticleAboutRetriesRuns() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let event = NewEvent.put("inv/1", type: "t", data: #"{"paid":false}"#)
            let first = try await append(event, to: acme, request: "r")
            #expect(try await append(event, to: acme, request: "r") == first)
            try await markPaid("inv/1", in: acme)
            #expect(try await acme.document("inv/1")?.data == #"{"paid":true}"#)
            try await markPaid("inv/2", in: acme)
            await #expect(throws: Problem.self) {
                try await append(.put("", type: "t", data: "1"), to: acme, request: "bad")
            }
        }
    }
}
