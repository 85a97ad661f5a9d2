// The time that a caller gives with an event reads back as it was, from year 1 to year 9999.

import TallyCore
import TallyStore
import TallyTesting
import Tallystick
import Testing

@Suite(.database)
struct OccurredAtTests {
    private static let earliest: Int64 = -62_135_596_800_000_000
    private static let latest: Int64 = 253_402_300_799_999_999

    private static func event(_ stream: String, _ time: Int64?) -> NewEvent {
        var event = NewEvent.note(stream, type: "t")
        event.occurredAt = time.map { Instant(microsecondsSince1970: $0) }
        return event
    }

    @Test func anyTimeReadsBackAsItself() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let times: [Int64?] = [nil, 0, -1, 1, Self.earliest, Self.latest]
            for (number, time) in times.enumerated() {
                _ = try await acme.append([Self.event("s/\(number)", time)])
            }
            let events = try await acme.events(where: "type:t").events
            #expect(events.map { $0.occurredAt?.microsecondsSince1970 } == times)
        }
    }

    @Test func whatNoCalendarHasIsRefusedAtTheDoor() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            for time in [Self.earliest - 1, Self.latest + 1, .min, .max] {
                let problem = await #expect(throws: Problem.self, "\(time)") {
                    try await acme.append([Self.event("s", time)])
                }
                #expect(problem?.code == .invalid)
                #expect(problem?.pointer == "/events/0/occurred_at")
            }
        }
    }

    @Test func aRetryWithATimeBefore1970IsARetry() async throws {
        try await TestLedger.current.open { ledger in
            let acme = try await ledger.createTenant(named: "acme")
            let first = try await acme.append([Self.event("s", -1)], request: "r")
            #expect(try await acme.append([Self.event("s", -1)], request: "r") == first)
            for time: Int64? in [nil, 0, 1, -2] {
                let problem = await #expect(throws: Problem.self) {
                    try await acme.append([Self.event("s", time)], request: "r")
                }
                #expect(problem?.code == .requestReused)
            }
        }
    }
}
