// A request id makes a retry harmless: whatever is sent again, and whenever, is stored once and
// gets the receipt it got the first time.

import TallyCore
import TallyStore
import TallyTesting
import Tallystick
import Testing

@Suite(.database, .serialized)
struct RequestIDTests {
    @Test func oneIdFiftyTimesAtOnceIsOneEventAndFiftyEqualReceipts() async throws {
        let test = try TestLedger.current
        let answers = try await test.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            return await callers(50) { _ in await acme.answer([.sample("s")], request: "r") }
        }
        let first = try #require(answers.first?.receipts.first)
        #expect(answers.allSatisfy { $0.receipts == [first] })
        try await test.open { ledger in
            let acme = try await ledger.tenant(named: "acme")
            #expect(await acme.answer([.sample("s")], request: "r").receipts == [first])
            #expect(try Witness.current.eventCount(acme.id) == 1)
            try Witness.current.expectTrue([first], acme.id)
            try await Witness.current.expectSound(acme.id, vault: ledger.vault)
        }
    }

    @Test func oneIdThroughTwoLedgersAtOnceIsOneEvent() async throws {
        let test = try TestLedger.current
        try await test.open { one in
            let acme = try await one.createTenant(named: "acme")
            try await test.open { other in
                let same = try await other.tenant(named: "acme")
                for round in 0..<20 {
                    let answers = await callers(8) { number in
                        await (number % 2 == 0 ? acme : same)
                            .answer([.sample("s"), .sample("t")], request: "r\(round)")
                    }
                    #expect(Set(answers.map { $0.receipts.map(\.leafHash) }).count == 1)
                    #expect(answers.allSatisfy { $0.receipts.count == 2 })
                }
            }
            #expect(try Witness.current.eventCount(acme.id) == 40)
            try await Witness.current.expectSound(acme.id)
        }
    }

    @Test func anIdWithOtherContentIsRefusedInFlightAndLater() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let answers = await callers(20) { number in
                await acme.answer([.sample("s", data: "\(number % 2)")], request: "r")
            }
            #expect(answers.count { $0.problem == nil } == 10)
            #expect(answers.count { $0.problem == .requestReused } == 10)
            for other in Self.others {
                let answer = await acme.answer(other, request: "r")
                #expect(answer.problem == .requestReused, "\(other)")
            }
            #expect(try Witness.current.eventCount(acme.id) == 1)
            let two = [NewEvent.sample("s"), .sample("t")]
            _ = try await acme.append(two, request: "two")
            for other in [[two[0]], [two[1], two[0]], two + [two[1]]] {
                let answer = await acme.answer(other, request: "two")
                #expect(answer.problem == .requestReused, "\(other)")
            }
        }
    }

    /// What differs from `sample("s", data: "0")` and `"1"` in one respect each.
    private static var others: [[NewEvent]] {
        var actor = NewEvent.sample("s", data: "0")
        actor.actor = "user:1"
        var time = NewEvent.sample("s", data: "0")
        time.occurredAt = Instant(microsecondsSince1970: 1)
        return [
            [.sample("s", data: "2")], [.sample("t", data: "0")], [actor], [time],
            [.note("s", type: "sample.put", data: "0")],
            [.put("s", type: "sample.put", data: "0", personal: ["p": "0"])],
            [.sample("s", data: "0"), .sample("s", data: "0")],
        ]
    }

    @Test func aRetryAfterALostReplyGetsItsReceiptAndNeverAConflict() async throws {
        let test = try TestLedger.current
        let (first, second) = try await test.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let first = await acme.answer([.sample("s", .noStream)], request: "create")
            let second = await acme.answer([.sample("s", .version(1))], request: "update")
            for _ in 0..<5 { _ = try await acme.append(.sample("s")) }
            #expect(
                await acme.answer([.sample("s", .noStream)], request: "create").receipts
                    == first.receipts
            )
            return (first, second)
        }
        try await test.open { ledger in
            let acme = try await ledger.tenant(named: "acme")
            // Once with nothing cached, and again when the lane knows the version 7.
            for _ in 0..<2 {
                let created = await acme.answer([.sample("s", .noStream)], request: "create")
                let updated = await acme.answer([.sample("s", .version(1))], request: "update")
                #expect(created.receipts == first.receipts)
                #expect(updated.receipts == second.receipts)
                _ = try await acme.append(.sample("s"))
            }
            // What was expected then is not stored, what was recorded is.
            let again = await acme.answer([.sample("s", .version(9))], request: "update")
            #expect(again.receipts == second.receipts)
            let other = await acme.answer([.sample("s", data: "0")], request: "update")
            #expect(other.problem == .requestReused)
            #expect(try Witness.current.eventCount(acme.id) == 9)
        }
    }

    @Test func aRefusedRequestMayBeSentAgainUnderItsId() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let refused = await acme.answer([.sample("s", .version(1))], request: "r")
            #expect(refused.problem == .versionConflict)
            _ = try await acme.append(.sample("s"))
            let accepted = await acme.answer([.sample("s", .version(1))], request: "r")
            #expect(accepted.receipts.map(\.version) == [2])
        }
    }
}
