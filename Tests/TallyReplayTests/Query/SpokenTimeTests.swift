// Times as people say them, against a clock that stands still.

import TallyCore
import TallyReplay
import Testing

struct SpokenTimeTests {
    /// 2026-11-18T11:06:40Z.
    private static let now: UInt64 = 1_795_000_000_000_000
    private let clock = SpokenTime(now: now)

    @Test(arguments: [
        ("now", "2026-11-18T11:06:40Z"), ("-40s", "2026-11-18T11:06:00Z"),
        ("-15m", "2026-11-18T10:51:40Z"), ("-2h", "2026-11-18T09:06:40Z"),
        ("-3d", "2026-11-15T11:06:40Z"), ("-1w", "2026-11-11T11:06:40Z"),
        ("-1d12h", "2026-11-16T23:06:40Z"), ("+30d", "2026-12-18T11:06:40Z"),
        ("-0s", "2026-11-18T11:06:40Z"), ("today", "2026-11-18"), ("yesterday", "2026-11-17"),
        ("yesterday 14:00Z", "2026-11-17T14:00Z"), ("today 01:02:03.5z", "2026-11-18T01:02:03.5Z"),
        ("yesterday 00:30+01:00", "2026-11-16T23:30Z"), ("2026-11-20", "2026-11-20"),
        ("2026-11-20 12:00z", "2026-11-20T12:00Z"), ("2026-11-20t12:00Z", "2026-11-20T12:00Z"),
        ("2026-11-20T12:00:00.123456789Z", "2026-11-20T12:00:00.123456Z"),
        ("1969-12-31", "1970-01-01"), ("-9999w", "1970-01-01"),
    ])
    func isRead(text: String, plain: String) throws {
        let expected = try UTCTime.read(plain)
        #expect(try clock.micros(text) == UInt64(expected))
    }

    @Test(arguments: ["2026-11-20T12:00", "2026-11-20 12:00:01", "yesterday 14:00", "today 1:00"])
    func whatLacksAZoneSaysSo(text: String) {
        let refusal = #expect(throws: UTCTime.Refusal.self) { try clock.micros(text) }
        #expect(text == "today 1:00" ? refusal == .notATime : refusal == .noZone)
        #expect(text == "today 1:00" || SpokenTime.advice(.noZone).contains("Z"))
    }

    @Test(arguments: [
        "", "-", "+", "-2", "-h", "-2x", "-2H", "--2h", "- 2h", "-2h ", "2h", "-٣h", "soon", "Now",
        "yesterday14:00Z", "yesterday  14:00Z", "tomorrow", "today ", "-99999999999999999999h",
        "-9223372036854775807s", "-9223372036854s9223372036854s", "12:00Z", "2026-02-30",
    ])
    func isRefused(text: String) {
        #expect(throws: UTCTime.Refusal.self) { try clock.micros(text) }
    }
}
