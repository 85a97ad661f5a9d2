// What the renderer must never let through, and what a spreadsheet must never run.

import TallyReplay
import Testing

@testable import TallyCLI

struct RendererTests {
    @Test(arguments: [
        ("=1+1", "'=1+1"), ("@SUM(A1)", "'@SUM(A1)"), ("-12.5", "-12.5"), ("+cmd", "'+cmd"),
        ("a,b", "\"a,b\""), ("say \"x\"", "\"say \"\"x\"\"\""), ("plain", "plain"), ("", ""),
    ])
    func csvCellsAreEscapedAndNeverFormulas(text: String, cell: String) {
        #expect(Renderer.csvCell(text) == cell)
    }

    @Test func timesAreRFC3339WithMicroseconds() {
        #expect(Timestamp.text(0) == "1970-01-01T00:00:00.000000Z")
        #expect(Timestamp.text(1_795_000_000_123_456) == "2026-11-18T11:06:40.123456Z")
        #expect(UTCTime.micros("2026-11-18T11:06:40Z") == 1_795_000_000_000_000)
        #expect(UTCTime.micros("yesterday") == nil)
    }

    @Test func recordsAreJSONWithFieldsInOrder() {
        let record = Record([("b", .text("x\"y")), ("a", .integer(1)), ("c", .absent)])
        #expect(record.json == #"{"b":"x\"y","a":1,"c":null}"#)
    }
}
