// Optimistic concurrency: an expectation that does not hold is refused with the version the
// stream has, and of callers that race for one version exactly one wins.

import TallyCore
import TallyStore
import TallyTesting
import Tallystick
import Testing

@Suite(.database, .serialized)
struct ExpectedVersionTests {
    @Test func expectationsAreHeldAgainstTheStreamsVersion() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let steps: [(ExpectedVersion, current: Int?)] = [
                (.version(1), 0), (.noStream, nil), (.noStream, 1), (.version(1), nil),
                (.version(1), 2),
                (.any, nil), (.version(4), 3), (.version(3), nil),
            ]
            for (expected, current) in steps {
                let answer = await acme.answer([.sample("s", expected)])
                guard case .failure(let problem) = answer else {
                    #expect(current == nil, "\(expected) was accepted")
                    continue
                }
                #expect(problem.code == .versionConflict)
                #expect(problem.currentVersion == current)
                #expect(problem.pointer == "/events/0/expect")
            }
            #expect(try Witness.current.eventCount(acme.id) == 4)
            try await Witness.current.expectSound(acme.id, vault: ledger.vault)
        }
    }

    @Test func eventsOfOneRequestCountForThoseBehindThem() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let good = await acme.answer([
                .sample("s", .noStream), .sample("t", .noStream), .sample("s", .version(1)),
                .sample("s", .any), .sample("s", .version(3)),
            ])
            #expect(good.receipts.map(\.version) == [1, 1, 2, 3, 4])
            let bad = await acme.answer([
                .sample("t", .version(1)), .sample("s", .version(4)), .sample("s", .version(4)),
            ])
            guard case .failure(let problem) = bad else {
                Issue.record("a request that contradicts itself was accepted")
                return
            }
            #expect(problem.code == .versionConflict)
            #expect(problem.pointer == "/events/2/expect")
            #expect(problem.currentVersion == 5)
            #expect(try Witness.current.eventCount(acme.id) == 5)
        }
    }

    @Test func ofRacingCallersExactlyOneWinsEachVersion() async throws {
        let test = try TestLedger.current
        try await test.open { one in
            let acme = try await one.createTenant(named: "acme")
            try await test.open { other in
                let same = try await other.tenant(named: "acme")
                for version in 0..<12 {
                    let expected: ExpectedVersion = version == 0 ? .noStream : .version(version)
                    let answers = await callers(64) { number in
                        await (number % 2 == 0 ? acme : same).answer([.sample("s", expected)])
                    }
                    let won = answers.flatMap(\.receipts)
                    #expect(won.map(\.version) == [version + 1])
                    #expect(answers.count { $0.problem == .versionConflict } == 63)
                    try Witness.current.expectTrue(won, acme.id)
                }
            }
            #expect(try Witness.current.eventCount(acme.id) == 12)
            try await Witness.current.expectSound(acme.id, vault: one.vault)
        }
    }

    @Test func requestsSentInOrderAreJudgedInOrder() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            _ = try await acme.append(.sample("s"))
            // The first is one too early: only the second would make it true.
            let results = await acme.append(requests: [
                AppendRequest([.sample("s", .version(2))], id: "early"),
                AppendRequest([.sample("s", .version(1))], id: "next"),
                AppendRequest([.sample("s", .version(2))], id: "after"),
                AppendRequest([.sample("t", .noStream)], id: "other"),
            ])
            #expect(results[0].problem == .versionConflict)
            #expect(results[1].receipts.map(\.version) == [2])
            #expect(results[2].receipts.map(\.version) == [3])
            #expect(results[3].receipts.map(\.version) == [1])
        }
    }
}
