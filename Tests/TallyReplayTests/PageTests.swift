// A page ends by bytes: large events come a few at a time, and none is lost between pages.

import TallyCore
import TallyReplay
import TallyStore
import TallyTesting
import Tallystick
import Testing

@Suite(.database, .serialized)
struct PageTests {
    @Test func largeEventsComeAFewAtATimeAndAllOfThemCome() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            // Incompressible, so that three of them are more than a page holds.
            var random = SeededRandom(seed: 7)
            for number in 0..<8 {
                let text = (0..<150_000).map { _ in
                    String(UInt64.random(in: 0...UInt64.max, using: &random), radix: 36)
                }.joined()
                _ = try await acme.append(
                    .put("s/\(number % 2)", type: "t", data: #"{"text":"\#(text)"}"#)
                )
            }
            let reader = Session(pool: ledger.readers)
            let first = try await reader.page(acme.id, 0..<9)
            #expect(first.count > 1 && first.count < 5)
            let alone = try await reader.page(acme.id, 3..<9)
            #expect((1...2).contains(alone.count))
            var seen: [Int] = []
            for try await event in try acme.tail(after: -1) {
                seen.append(event.position)
                if seen.count == 9 { break }
            }
            #expect(seen == Array(0..<9))
            let names: Set = [BuiltInProjection.documents, BuiltInProjection.trail]
            #expect(try await ledger.projectionRunner().catchUp(acme.id, names) == nil)
            for name in names { _ = try await HistoryTests.rebuild(ledger, name) }
            let check = try await ProjectionCheck(pool: ledger.readers, vault: ledger.vault)
                .run(acme.id)
            #expect(check.isSound && check.documents == 2 && check.position == 9)
            #expect(
                try await TrailCheck(pool: ledger.readers, vault: ledger.vault).run(acme.id).isSound
            )
            #expect(try await acme.events(where: "type:t", limit: 100).events.count == 8)
        }
    }
}
