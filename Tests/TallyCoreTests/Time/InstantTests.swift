// Moments: read, written and counted with, exact to the microsecond.

import Foundation
import TallyCore
import Testing

struct InstantTests {
    @Test(arguments: [0, -1, 1_795_000_000_123_456, -62_135_596_800_000_000])
    func aMomentReadsBackAsItself(micros: Int64) throws {
        let instant = Instant(microsecondsSince1970: micros)
        #expect(Instant(instant.description) == instant)
        let json = try JSONEncoder().encode([instant])
        #expect(try JSONDecoder().decode([Instant].self, from: json) == [instant])
    }

    @Test(arguments: ["", "yesterday", "2026-11-20T12:00", "2026-02-30", "1795000000000000"])
    func textWithoutOneMeaningIsNone(text: String) throws {
        #expect(Instant(text) == nil)
        let json = Data("[\"\(text)\"]".utf8)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([Instant].self, from: json) }
    }

    @Test func aWhileLaterIsCountedInMicroseconds() {
        let instant = Instant(microsecondsSince1970: 10)
        #expect((instant + .nanoseconds(1999)).microsecondsSince1970 == 11)
        #expect((instant - .seconds(1)).microsecondsSince1970 == -999_990)
        #expect(instant + .milliseconds(1) - instant == .milliseconds(1))
        #expect(instant < instant + .microseconds(1))
    }

    @Test func whatNoNumberHoldsIsTheFirstOrTheLastMoment() {
        let last = Instant(microsecondsSince1970: .max)
        #expect(last + .microseconds(1) == last)
        #expect(Instant(microsecondsSince1970: 0) + .seconds(Int64.max) == last)
        let first = Instant(microsecondsSince1970: .min)
        #expect(first - .seconds(1) == first)
    }

    @Test func theLedgersClockIsNeverNegative() {
        #expect(Instant(micros: .max).microsecondsSince1970 == .max)
        #expect(Instant(microsecondsSince1970: -5).micros == 0)
    }
}
