// A load that goes on while something is broken under it, and the reckoning afterwards: what was
// acknowledged is there once, what failed is not, and whatever is open is settled by a retry.

import Synchronization
import TallyCore
import TallyPostgres
import TallyStore
import TallyTesting
import TallyVault
import Tallystick
import Testing

/// Callers that append one event after another, each under an id of its own.
final class FaultLoad: Sendable {
    /// What a caller was told about its request.
    struct Outcome: Sendable {
        let tenant: Int
        let request: String
        let answer: Answer
    }

    private static let callerCount = 64
    let tenants: [Tenant]
    /// Counts acknowledged requests.
    let acknowledged = Milestones()
    private let isOver = Flag()

    init(_ tenants: [Tenant]) {
        self.tenants = tenants
    }

    /// Creates so many tenants and a load on them.
    static func make(_ ledger: Ledger, tenants count: Int) async throws -> FaultLoad {
        var tenants: [Tenant] = []
        for number in 0..<count {
            tenants.append(try await ledger.createTenant(named: "tenant-\(number)"))
        }
        return FaultLoad(tenants)
    }

    /// Runs until `faults` has done its worst; gives every outcome.
    func run(
        _ faults: @escaping @Sendable (FaultLoad) async throws -> Void
    ) async throws
        -> [Outcome]
    {
        async let outcomes = callers(Self.callerCount) { await self.caller($0) }
        do {
            try await faults(self)
        } catch {
            isOver.raise()
            throw error
        }
        isOver.raise()
        return await outcomes.flatMap { $0 }
    }

    private func caller(_ number: Int) async -> [Outcome] {
        var outcomes: [Outcome] = []
        while !isOver.isRaised {
            let tenant = (number + outcomes.count) % tenants.count
            let request = "\(number)-\(outcomes.count)"
            let answer = await tenants[tenant].answer(Self.events(request), request: request)
            if answer.problem == nil { acknowledged.reachNext() }
            outcomes.append(Outcome(tenant: tenant, request: request, answer: answer))
            // Like any client: not at once again.
            if answer.problem != nil { try? await Task.sleep(for: .milliseconds(30)) }
        }
        return outcomes
    }

    /// Two events of a stream of their own, the second of which needs a new key now and then.
    static func events(_ request: String) -> [NewEvent] {
        let subject = "person:\(request.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) % 97 })"
        return [
            .sample(request),
            .put(request, type: "t", data: "{}", personal: [subject: #"{"name":"N"}"#]),
        ]
    }

    /// Holds every outcome against the tables, then retries every request.
    static func settle(
        _ outcomes: [Outcome],
        of names: [String],
        in ledger: Ledger
    ) async throws {
        let witness = Witness(configuration: ledger.configuration)
        let codes = Set(outcomes.compactMap(\.answer.problem))
        #expect(codes.isSubset(of: [.unavailable, .outcomeUnknown]), "\(codes)")
        for (number, name) in names.enumerated() {
            let tenant = try await ledger.tenant(named: name)
            let own = outcomes.filter { $0.tenant == number }
            try witness.expectTrue(own.flatMap(\.answer.receipts), tenant.id)
            let known = try witness.beginnings(tenant.id)
            let index = try await ledger.vault.indexKey(tenant.id)
            for outcome in own {
                let beginning = known[index.tag(.stream, outcome.request)]
                switch outcome.answer.problem {
                case nil: #expect(beginning == outcome.answer.receipts[0].position)
                case .outcomeUnknown: continue
                default: #expect(beginning == nil, "\(outcome)")
                }
            }
            #expect(try witness.eventCount(tenant.id) == 2 * known.count)
            try await retry(own, tenant)
            #expect(try witness.eventCount(tenant.id) == 2 * own.count)
            try await witness.expectSound(tenant.id, vault: ledger.vault)
        }
    }

    private static func retry(_ outcomes: [Outcome], _ tenant: Tenant) async throws {
        let answers = await callers(outcomes.count) { number in
            let request = outcomes[number].request
            return await tenant.answer(events(request), request: request)
        }
        for (outcome, answer) in zip(outcomes, answers) {
            #expect(answer.receipts.count == 2, "\(answer)")
            guard outcome.answer.problem == nil else { continue }
            #expect(answer.receipts == outcome.answer.receipts)
        }
    }
}
