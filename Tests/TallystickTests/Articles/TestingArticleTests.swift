// The article about testing an application, compiled and run; and what it promises of its tools.

import Foundation
import TallyTesting
import Tallystick
import Testing

struct TestingArticleTests {
    @Test func aTestHasALedgerOfItsOwn() async throws {
        try await withTestLedger { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            _ = try await acme.append(.put("crm/contact/1", type: "contact.created", data: "{}"))
            #expect(try await acme.document("crm/contact/1")?.version == 1)
        }
    }

    @Test func onePersonDecidesAloneInIt() async throws {
        try await withTestLedger { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            for event in SampleEvents.invoices(10) { _ = try await acme.append(event) }
            let request = try await ledger.erasures
                .request(subject: "customer:1", of: acme, ground: "art17-1-b", by: nil)
            #expect(try await ledger.erasures.run(request.id).state == .purged)
        }
    }

    @Test func aDeadlinePassesWhenTheTestSaysSo() async throws {
        let clock = TestClock(at: Instant(Date()))
        try await withTestLedger(clock: clock) { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            _ = try await ledger.erasures.request(tenant: acme, ground: "contract-ended", by: nil)
            clock.advance(by: .seconds(25 * 3600))
            let overdue = try await ledger.erasures.list().filter { $0.isOverdue(at: clock.now) }
            #expect(overdue.count == 1)
        }
    }

    @Test func whatTheTestReturnsOrThrowsGetsThrough() async throws {
        let name = try await withTestLedger { try await $0.createTenant(named: "acme").name }
        #expect(name == "acme")
        await #expect(throws: CancellationError.self) {
            try await withTestLedger { _ in throw CancellationError() }
        }
    }

    @Test func samplesAreTheSameForTheSameSeed() {
        let all = [
            SampleEvents.invoices(20), SampleEvents.invoices(20),
            SampleEvents.invoices(20, seed: 2),
        ]
        let texts = all.map { $0.map { "\($0.stream) \($0.type) \($0.data ?? [])" } }
        #expect(texts[0] == texts[1])
        #expect(texts[0] != texts[2])
        #expect(Set(all[0].map(\.stream)).count == 20)
        #expect(SampleEvents.invoices(0).isEmpty)
    }
}
