// One caller never fails another: with bad requests among a thousand good ones, every good one is
// stored once and every receipt is true.

import TallyCore
import TallyStore
import TallyTesting
import Tallystick
import Testing

@Suite(.database, .serialized)
struct NeighbourTests {
    @Test func badRequestsAmongAThousandCallersFailAlone() async throws {
        try await TestLedger.current.open { ledger in
            let tenants = try await Self.tenants(16, ledger)
            let frozen = try await ledger.createTenant(named: "frozen")
            _ = try await ledger.registry.freeze(frozen.id)
            let template = try await tenants[0].seal([.sample("s")], request: "-")
            let answers = await callers(1000) { number in
                let tenant = tenants[number % 16]
                switch number {
                case 333: return await tenant.answer([.sample("bad", .version(7))])
                case 555: return await frozen.answer([.sample("s")])
                case 777:
                    return await Self.answer(
                        ledger,
                        template.copy(id: "r", tenant: .random())
                    )
                default: return await tenant.answer([.sample("s\(number % 64)")])
                }
            }
            let problems = answers.indices.filter { answers[$0].problem != nil }
            #expect(problems == [333, 555, 777])
            #expect(answers[333].problem == .versionConflict)
            #expect(answers[555].problem == .frozen)
            #expect(answers[777].problem == .notFound)
            for (number, tenant) in tenants.enumerated() {
                let receipts = answers.indices.filter { $0 % 16 == number }
                    .flatMap { answers[$0].receipts }
                try Witness.current.expectTrue(receipts, tenant.id)
                try await Witness.current.expectSound(tenant.id)
                #expect(try Witness.current.eventCount(tenant.id) == receipts.count)
            }
            #expect(try Witness.current.eventCount(frozen.id) == 0)
        }
    }

    @Test func aRequestOfManyEventsIsStoredWholeInOrderAndWithoutOthersBetween() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let answers = await callers(40) { number in
                await acme.answer((0..<25).map { .sample("s\($0 % 5)", data: "\(number)") })
            }
            for answer in answers {
                let positions = answer.receipts.map(\.position)
                #expect(positions.count == 25)
                let first = positions.first ?? 0
                #expect(positions == Array(first..<first + 25))
            }
            try Witness.current.expectTrue(answers.flatMap(\.receipts), acme.id)
            try await Witness.current.expectSound(acme.id, vault: ledger.vault)
        }
    }

    @Test func aRequestWithOneBadEventStoresNoneOfItsEvents() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            var events = (0..<10).map { NewEvent.sample("s\($0)") }
            events[9].expecting = .version(3)
            let answer = await acme.answer(events)
            #expect(answer.problem == .versionConflict)
            #expect(try Witness.current.eventCount(acme.id) == 0)
        }
    }

    private static func tenants(_ count: Int, _ ledger: Ledger) async throws -> [Tenant] {
        var tenants: [Tenant] = []
        for number in 0..<count {
            tenants.append(try await ledger.createTenant(named: "tenant-\(number)"))
        }
        return tenants
    }

    private static func answer(_ ledger: Ledger, _ request: SealedRequest) async -> Answer {
        do {
            return .success(try await ledger.lanes().append(request))
        } catch {
            return .failure(Problem(error))
        }
    }
}
