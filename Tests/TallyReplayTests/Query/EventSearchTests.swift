// Every query gives what a scan with the same predicate gives, wherever the trail has come to.

import Foundation
import TallyCore
import TallyReplay
import TallyStore
import TallyTesting
import Tallystick
import Testing

@Suite(.database, .serialized)
struct EventSearchTests {
    private static let terms = [
        "actor:user:1", "actor:user:2", "actor:nobody", "type:created", "type:contact.*", "type:*",
        "type:gone*", "stream:crm/contact/1", "stream:crm/contact/*", "stream:crm/*", "stream:al*",
        "stream:alone", "stream:*", "subject:person:1", "subject:person:3", "subject:p30",
        "collection:crm/contact", "collection:crm/*", "collection:*", #"collection:"""#,
        #"subject:"Ilze \"x\"""#, "stream:crm/contact/1/note/7",
        "kind:recorded", "kind:genesis", "-kind:recorded", "-kind:genesis", "kind:frozen",
    ]

    @Test(arguments: [UInt64.random(in: 0..<1_000_000)])
    func aQueryGivesWhatAScanGives(seed: UInt64) async throws {
        print("search: seed \(seed)")
        var random = SeededRandom(seed: seed)
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            var history = History()
            for round in 0..<4 {
                for _ in 0..<40 { try await history.append(to: acme, &random) }
                // In the first round the trail knows nothing, later it is a round behind, or not.
                if round == 1 || round == 3 {
                    _ = try await ledger.projectionRunner().catchUp(
                        acme.id,
                        [BuiltInProjection.trail]
                    )
                }
                for _ in 0..<30 { try await Self.compare(acme, history, &random) }
            }
            let verdict = try await TrailCheck(pool: ledger.readers, vault: ledger.vault)
                .run(acme.id)
            #expect(verdict.isSound, "\(verdict.differing)")
            _ = try await HistoryTests.rebuild(ledger, BuiltInProjection.trail)
            for _ in 0..<30 { try await Self.compare(acme, history, &random) }
            #expect(
                try await TrailCheck(pool: ledger.readers, vault: ledger.vault).run(acme.id).isSound
            )
        }
    }

    @Test func largeEventsAreReadAFewAtATime() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            var random = SeededRandom(seed: 5)
            for _ in 0..<5 {
                let bytes = (0..<9 << 17).map { _ in UInt8.random(in: 0...255, using: &random) }
                let text = Data(bytes).base64EncodedString()
                _ = try await acme.append(.patch("s", type: "large", data: #"{"a":"\#(text)"}"#))
            }
            _ = try await ledger.projectionRunner().catchUp(acme.id, [BuiltInProjection.trail])
            let reader = Session(pool: ledger.readers)
            let read = try await reader.scoped(acme.id) { connection in
                try Session.events(connection, acme.id, at: [1, 3, 4, 5])
            }
            #expect(read.map(\.position) == [1, 3])
            let found = try await Self.pages(acme, "type:large", 100)
            #expect(found == [1, 2, 3, 4, 5])
        }
    }

    @Test func eventsOfTheLedgerItselfAreFoundByTheirKind() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            for number in 0..<3 {
                _ = try await acme.append(.put("s/\(number)", type: "t", data: "1"))
                _ = try await ledger.registry.freeze(acme.id)
                _ = try await ledger.registry.thaw(acme.id)
            }
            // No projection has run: kinds need no trail.
            #expect(try await Self.pages(acme, "kind:frozen", 2) == [2, 5, 8])
            #expect(try await Self.pages(acme, "kind:frozen kind:thawed", 1) == [2, 3, 5, 6, 8, 9])
            #expect(try await Self.pages(acme, "-kind:recorded", 3) == [0, 2, 3, 5, 6, 8, 9])
            #expect(try await Self.pages(acme, "kind:recorded", 2) == [1, 4, 7])
            #expect(try await Self.pages(acme, "-kind:frozen -kind:thawed", 9) == [0, 1, 4, 7])
            #expect(try await Self.pages(acme, "kind:frozen -kind:frozen", 9).isEmpty)
            #expect(try await Self.pages(acme, "kind:frozen type:t", 9).isEmpty)
            #expect(try await Self.backwards(acme, "kind:frozen", 2) == [8, 5, 2])
            let since = try await acme.events(where: "kind:frozen", limit: 2).events[1].recordedAt
            #expect(
                try await Self.pages(acme, "kind:frozen since:\(Self.text(since))", 9) == [5, 8]
            )
        }
    }

    private static func compare(
        _ tenant: Tenant,
        _ history: History,
        _ random: inout SeededRandom
    ) async throws {
        var words = (0..<Int.random(in: 0...3, using: &random)).compactMap { _ in
            terms.randomElement(using: &random)
        }
        let all = try await tenant.events(where: "", limit: 10_000).events
        #expect(all.map(\.position) == Array(0..<history.size))
        for key in ["since", "until"] where random.happens(oneIn: 3) {
            let time = all.randomElement(using: &random)?.recordedAt ?? Instant(micros: 0)
            words.append("\(key):\(Self.text(time))")
        }
        let text = words.joined(separator: " ")
        let query = try Query(text)
        let expected = all.filter { query.matches($0.opened) }.map(\.position)
        #expect(
            try await pages(tenant, text, Int.random(in: 1...50, using: &random)) == expected,
            "\(text)"
        )
        #expect(
            try await backwards(tenant, text, Int.random(in: 1...50, using: &random))
                == expected.reversed(),
            "\(text)"
        )
    }

    private static func backwards(
        _ tenant: Tenant,
        _ text: String,
        _ limit: Int
    ) async throws -> [Int] {
        var positions: [Int] = []
        var before = Optional(Int.max)
        while let end = before {
            let page = try await tenant.newestEvents(where: text, before: end, limit: limit)
            #expect(page.events.count <= limit)
            positions += page.events.map(\.position)
            before = page.next
        }
        return positions
    }

    private static func pages(_ tenant: Tenant, _ text: String, _ limit: Int) async throws -> [Int]
    {
        var positions: [Int] = []
        var after: Int? = -1
        while let start = after {
            let page = try await tenant.events(where: text, after: start, limit: limit)
            positions += page.events.map(\.position)
            after = page.next
        }
        return positions
    }

    /// A time to the microsecond.
    private static func text(_ time: Instant) -> String {
        let micros = time.micros
        let seconds = Date(timeIntervalSince1970: Double(micros / 1_000_000)).ISO8601Format()
        let fraction = String(format: ".%06dZ", Int(micros % 1_000_000))
        return seconds.replacing("Z", with: fraction)
    }
}
