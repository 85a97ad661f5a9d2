// Many tails while writers go at full speed: every one sees every event once, in order.

import Foundation
import TallyCore
import TallyPostgres
import TallyReplay
import TallyTesting
import Tallystick
import Testing

@Suite(.database, .serialized)
struct TailTests {
    @Test func aHundredTailsSeeEveryEventOnceAndInOrder() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let count = 2000
            try await withThrowingTaskGroup(of: Void.self) { group in
                for tail in 0..<100 {
                    // Half of them begin at the start, the others somewhere behind it.
                    let after = tail < 50 ? -1 : tail * 10
                    group.addTask {
                        var next = after + 1
                        for try await event in try acme.events(after: after) {
                            try #require(event.position == next)
                            next += 1
                            if next == count + 1 { break }
                        }
                        try #require(next == count + 1)
                    }
                }
                for writer in 0..<8 {
                    group.addTask {
                        for number in 0..<count / 8 {
                            _ = try await acme.append(
                                .put("w/\(writer)", type: "t", data: "\(number)")
                            )
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func aTailIsFilteredAndGoesOnWhereItWas() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            for number in 0..<10 {
                _ = try await acme.append(
                    .note("s", type: number % 2 == 0 ? "even" : "odd", data: "\(number)")
                )
            }
            var seen: [Int] = []
            for try await event in try acme.events(after: -1, where: "type:even") {
                seen.append(event.position)
                if seen.count == 3 { break }
            }
            for try await event in try acme.events(after: seen[2], where: "type:even") {
                seen.append(event.position)
                if seen.count == 5 { break }
            }
            #expect(seen == [1, 3, 5, 7, 9])
        }
    }

    @Test func aTailThatIsCancelledEnds() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let tail = Task {
                for try await _ in try acme.events(after: 0) {}
            }
            tail.cancel()
            await #expect(throws: CancellationError.self) { try await tail.value }
        }
    }

    @Test func aGapIsNotPassedOver() async throws {
        let test = try TestLedger.current
        try await test.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            for _ in 0..<4 { _ = try await acme.append(.note("s", type: "t")) }
            try test.attacker().execute("DELETE FROM tally.event WHERE position = 2")
            var events = try acme.events(after: -1).makeAsyncIterator()
            let problem = await #expect(throws: Problem.self) { try await events.next() }
            #expect(problem?.code == .misconfigured)
            #expect(problem?.message.contains("event 2") == true)
        }
    }

    @Test func positionsBeyondAllBoundsAreNoTrap() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            for position in [Int.max, .max - 1, .min] {
                _ = try acme.events(after: position)
                let page = try await acme.events(where: "", after: position, limit: 1)
                #expect(page.events.count == (position < 0 ? 1 : 0))
            }
            for version in [Int.max, .min] {
                #expect(try await acme.history(of: "s", after: version).isEmpty)
            }
            for limit in [0, -1, 10_001, .max] {
                let problem = await #expect(throws: Problem.self) {
                    try await acme.documents(limit: limit)
                }
                #expect(problem?.code == .invalid)
            }
        }
    }

    @Test func aQueryThatIsNoneIsRefusedAtOnce() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let problem = #expect(throws: Problem.self) {
                try acme.events(after: -1, where: "colour:red")
            }
            #expect(problem?.code == .invalid)
        }
    }
}
