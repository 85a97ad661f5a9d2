// Times as people and other systems write them.

import TallyCore
import Testing

struct UTCTimeTests {
    @Test(
        arguments: [
            ("1970-01-01", 0), ("1970-01-02", 86_400_000_000), ("1969-12-31", -86_400_000_000),
            ("2026-11-18T11:06:40Z", 1_795_000_000_000_000),
            ("2026-11-18T11:06Z", 1_794_999_960_000_000),
            ("2026-11-18T11:06:40.000001Z", 1_795_000_000_000_001),
            ("2026-11-18T11:06:40.5Z", 1_795_000_000_500_000),
            ("2026-11-18T13:06:40+02:00", 1_795_000_000_000_000),
            ("2026-11-18T05:36:40-05:30", 1_795_000_000_000_000),
            ("2026-11-18T11:06:40-00:00", 1_795_000_000_000_000),
            ("2026-11-18 11:06:40Z", 1_795_000_000_000_000),
            ("2026-11-18t11:06:40z", 1_795_000_000_000_000),
            ("2000-02-29", 951_782_400_000_000), ("2100-03-01", 4_107_542_400_000_000),
            ("1970-01-01T00:00+01:00", -3_600_000_000),
            ("1815-12-10T00:00:00Z", -4_861_728_000_000_000),
            ("0001-01-01", -62_135_596_800_000_000),
            ("9999-12-31T23:59:59.999999999Z", 253_402_300_799_999_999),
        ] as [(String, Int64)]
    )
    func times(text: String, micros: Int64) {
        #expect(UTCTime.micros(text) == micros)
    }

    @Test(
        "digits beyond microseconds are rounded down, before 1970 too",
        arguments: [
            ("2026-11-18T11:06:40.1234567Z", 1_795_000_000_123_456),
            ("2026-11-18T11:06:40.123456999Z", 1_795_000_000_123_456),
            ("1970-01-01T00:00:00.0000009Z", 0), ("1969-12-31T23:59:59.9999999Z", -1),
            ("1969-12-31T23:59:59.000000001Z", -1_000_000),
        ] as [(String, Int64)]
    )
    func finerDigits(text: String, micros: Int64) {
        #expect(UTCTime.micros(text) == micros)
    }

    @Test(
        "a leap second is the second after it, at the end of a month in UTC only",
        arguments: [
            ("2016-12-31T23:59:60Z", 1_483_228_800_000_000),
            ("2016-12-31T23:59:60.5Z", 1_483_228_800_500_000),
            ("2017-01-01T01:59:60+02:00", 1_483_228_800_000_000),
            ("1969-12-31T23:59:60Z", 0), ("1968-12-31T23:59:60.5Z", -31_535_999_500_000),
            ("2016-12-30T23:59:60Z", nil),
            ("2016-12-31T22:59:60Z", nil), ("2016-12-31T23:59:60+02:00", nil),
            ("9999-12-31T23:59:60Z", nil), ("2016-12-31T23:59:61Z", nil),
        ] as [(String, Int64?)]
    )
    func leapSeconds(text: String, micros: Int64?) {
        #expect(UTCTime.micros(text) == micros)
    }

    @Test(arguments: [
        "", "yesterday", "2026-11", "2026-13-01", "2026-00-01", "2026-02-29", "2100-02-29",
        "2026-11-31", "2026-11-18T24:00Z", "2026-11-18T11:60Z", "2026-11-18T11:06:60Z",
        "2026-11-18T11:06:40.Z", "2026-11-18T11:06:40.1234567890Z", "2026-11-18  11:06:40Z",
        "2026-11-18T11:06:40Z ", "+026-11-18", "-001-01-01", "0000-12-31", "10000-01-01",
        "2026-11-18T11:06+24:00", "２０２６-11-18", "0001-01-01T00:00+00:01",
        "9999-12-31T23:59:59-00:01", "2026-11-18T11:06:40,5Z", "20261118T110640Z",
    ])
    func othersAreRefused(text: String) {
        #expect(throws: UTCTime.Refusal.notATime) { try UTCTime.read(text) }
    }

    @Test(
        "a missing zone is named",
        arguments: [
            "2026-11-18T11:06", "2026-11-18T11:06:40", "2026-11-18 11:06:40.123",
        ]
    )
    func aMissingZoneIsNamed(text: String) {
        #expect(throws: UTCTime.Refusal.noZone) { try UTCTime.read(text) }
        #expect(UTCTime.Refusal.noZone.advice.contains("zone"))
    }

    @Test func aDayAfterTheOtherIsADayLaterAndWrittenAsItWasRead() throws {
        func padded(_ number: Int, _ digits: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: digits - text.count) + text
        }
        for years in [1..<6, 396..<404, 1896..<1904, 1967..<1974, 1999..<2006, 9995..<10_000] {
            var last: Int64?
            for year in years {
                for month in 1...12 {
                    for day in 1...31 {
                        let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
                        guard let next = UTCTime.micros(date) else {
                            #expect(day > 28)
                            continue
                        }
                        if let last { #expect(next == last + 86_400_000_000) }
                        #expect(UTCTime.text(next) == "\(date)T00:00:00.000000Z")
                        last = next
                    }
                }
            }
        }
    }

    @Test(
        "any time is written in UTC with microseconds, and read back",
        arguments: [
            (0, "1970-01-01T00:00:00.000000Z"), (-1, "1969-12-31T23:59:59.999999Z"),
            (1_795_000_000_123_456, "2026-11-18T11:06:40.123456Z"),
            (-62_135_596_800_000_000, "0001-01-01T00:00:00.000000Z"),
            (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
        ] as [(Int64, String)]
    )
    func texts(micros: Int64, text: String) {
        #expect(UTCTime.text(micros) == text)
        #expect(UTCTime.micros(text) == micros)
    }

    @Test func whatAnOlderWriterTookBeyondYear9999IsWrittenToo() {
        #expect(UTCTime.text(253_402_300_800_000_000) == "10000-01-01T00:00:00.000000Z")
        #expect(UTCTime.text(.max) == "294247-01-10T04:00:54.775807Z")
    }
}
