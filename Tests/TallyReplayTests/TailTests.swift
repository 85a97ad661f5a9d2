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
            let (before, count) = (100, 2100)
            for _ in 0..<before { _ = try await acme.append(.note("b", type: "t")) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for tail in 0..<100 {
                    // Half of them begin at the start, the others somewhere behind it.
                    let after = tail < 50 ? -1 : tail
                    group.addTask {
                        var next = after + 1
                        for try await event in try acme.tail(after: after) {
                            try #require(event.position == next)
                            next += 1
                            if next == count + 1 { break }
                        }
                        try #require(next == count + 1)
                    }
                }
                for writer in 0..<8 {
                    group.addTask {
                        for number in 0..<(count - before) / 8 {
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
            for try await event in try acme.tail(after: -1, where: "type:even") {
                seen.append(event.position)
                if seen.count == 3 { break }
            }
            for try await event in try acme.tail(after: seen[2], where: "type:even") {
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
                for try await _ in try acme.tail(after: 0) {}
            }
            tail.cancel()
            #expect(try await tail.value == ())
        }
    }

    @Test func aGapIsNotPassedOver() async throws {
        let test = try TestLedger.current
        try await test.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            for _ in 0..<4 { _ = try await acme.append(.note("s", type: "t")) }
            try test.attacker().execute("DELETE FROM tally.event WHERE position = 2")
            var events = try acme.tail(after: -1).makeAsyncIterator()
            let problem = await #expect(throws: Problem.self) { try await events.next() }
            #expect(problem?.code == .misconfigured)
            #expect(problem?.message.contains("event 2") == true)
        }
    }

    @Test func aCursorBehindTheEndOrOfAnotherHistoryEndsATail() async throws {
        let test = try TestLedger.current
        try await test.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let receipt = try await acme.append([.note("s", type: "t")])[0]
            var beyond = try acme.tail(after: 10).makeAsyncIterator()
            let missing = await #expect(throws: Problem.self) { try await beyond.next() }
            #expect(missing?.code == .notFound && missing?.message.contains("event 1") == true)
            let other = try #require(
                EventCursor("1:" + String(repeating: "0", count: 64))
            )
            var rewritten = try acme.tail(after: other).makeAsyncIterator()
            let changed = await #expect(throws: Problem.self) { try await rewritten.next() }
            #expect(changed?.code == .historyChanged)
            let next = try await acme.append([.note("s", type: "t")])[0]
            let kept = try #require(EventCursor("\(receipt.cursor)"))
            var good = try acme.tail(after: kept).makeAsyncIterator()
            #expect(try await good.next()?.cursor == next.cursor)
            // An older copy of the database, under the same address.
            try test.attacker().execute(
                "DELETE FROM tally.event WHERE position = 2; UPDATE tally.head SET size = 2"
            )
            let shrunk = await #expect(throws: Problem.self) { try await good.next() }
            #expect(shrunk?.code == .notFound && shrunk?.message.contains("event 2") == true)
        }
    }

    @Test func aHistoryThatIsWrittenAnewWhileItIsFollowedEndsATail() async throws {
        let test = try TestLedger.current
        try await test.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let cursor = try await acme.append([.note("s", type: "t")])[0].cursor
            var events = try acme.tail(after: cursor.position - 1).makeAsyncIterator()
            #expect(try await events.next()?.cursor == cursor)
            try test.attacker().execute(
                "UPDATE tally.head SET last_leaf_hash = sha256('x') WHERE size = 2"
            )
            let later = try await Ledger.open(test.configuration)
            _ = try await later.tenant(named: "acme").append([.note("s", type: "t")])
            await later.close()
            let changed = await #expect(throws: Problem.self) { try await events.next() }
            #expect(changed?.code == .historyChanged)
        }
    }

    @Test(arguments: [
        "", "x", "-2", "1:", "1:zz", "1:0a", "-1:\(String(repeating: "0", count: 64))",
    ])
    func whatIsNoCursorIsNone(text: String) { #expect(EventCursor(text) == nil) }

    @Test func positionsBeyondAllBoundsAreNoTrap() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            for position in [Int.max, .max - 1, .min] {
                _ = try acme.tail(after: position)
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
                try acme.tail(after: -1, where: "colour:red")
            }
            #expect(problem?.code == .invalid)
        }
    }
}
