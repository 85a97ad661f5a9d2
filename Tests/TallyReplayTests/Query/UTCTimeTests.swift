// Times as people type them.

import TallyReplay
import Testing

struct UTCTimeTests {
    @Test(
        arguments: [
            ("1970-01-01", 0), ("1970-01-02", 86_400_000_000),
            ("2026-11-18T11:06:40Z", 1_795_000_000_000_000),
            ("2026-11-18T11:06Z", 1_794_999_960_000_000),
            ("2026-11-18T11:06:40.000001Z", 1_795_000_000_000_001),
            ("2026-11-18T11:06:40.5Z", 1_795_000_000_500_000),
            ("2026-11-18T13:06:40+02:00", 1_795_000_000_000_000),
            ("2026-11-18T05:36:40-05:30", 1_795_000_000_000_000),
            ("2000-02-29", 951_782_400_000_000), ("2100-03-01", 4_107_542_400_000_000),
            ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
        ] as [(String, UInt64)]
    )
    func times(text: String, micros: UInt64) {
        #expect(UTCTime.micros(text) == micros)
    }

    @Test(arguments: [
        "", "yesterday", "2026-11", "2026-13-01", "2026-00-01", "2026-02-29", "2100-02-29",
        "2026-11-31", "1969-12-31", "2026-11-18T24:00Z", "2026-11-18T11:60Z",
        "2026-11-18T11:06:60Z",
        "2026-11-18T11:06:40", "2026-11-18T11:06:40.Z", "2026-11-18T11:06:40.1234567Z",
        "2026-11-18 11:06:40Z", "2026-11-18T11:06:40z", "2026-11-18T11:06:40Z ", "+026-11-18",
        "1970-01-01T00:00+01:00", "2026-11-18T11:06+24:00", "２０２６-11-18",
    ])
    func othersAreRefused(text: String) {
        #expect(UTCTime.micros(text) == nil)
    }

    @Test func aDayAfterTheOtherIsADayLater() throws {
        var last = try #require(UTCTime.micros("1999-12-31"))
        for year in 2000..<2012 {
            for month in 1...12 {
                for day in 1...31 {
                    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
                    guard let next = UTCTime.micros("\(year)-\(two(month))-\(two(day))") else {
                        #expect(day > 28)
                        continue
                    }
                    #expect(next == last + 86_400_000_000)
                    last = next
                }
            }
        }
    }
}
