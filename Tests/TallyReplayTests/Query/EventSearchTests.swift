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
                    _ = try await ledger.projections().catchUp(acme.id, [BuiltInProjection.trail])
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
            _ = try await ledger.projections().catchUp(acme.id, [BuiltInProjection.trail])
            let reader = LogReader(pool: ledger.readers)
            let read = try await reader.scoped(acme.id) { connection in
                try LogReader.events(connection, acme.id, at: [1, 3, 4, 5])
            }
            #expect(read.map(\.position) == [1, 3])
            let found = try await Self.pages(acme, "type:large", 100)
            #expect(found == [1, 2, 3, 4, 5])
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
            let time = all.randomElement(using: &random)?.recordedAt ?? 0
            words.append("\(key):\(Self.text(time))")
        }
        let text = words.joined(separator: " ")
        let query = try Query(text)
        let expected = all.filter { query.matches($0.opened) }.map(\.position)
        #expect(
            try await pages(tenant, text, Int.random(in: 1...50, using: &random)) == expected,
            "\(text)"
        )
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
    private static func text(_ micros: UInt64) -> String {
        let seconds = Date(timeIntervalSince1970: Double(micros / 1_000_000)).ISO8601Format()
        let fraction = String(format: ".%06dZ", Int(micros % 1_000_000))
        return seconds.replacing("Z", with: fraction)
    }
}
