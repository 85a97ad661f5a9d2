// What the renderer must never let through, and what a spreadsheet must never run.

import TallyCore
import Testing

@testable import TallyCLI

struct RendererTests {
    @Test(arguments: [
        ("=1+1", "'=1+1"), ("@SUM(A1)", "'@SUM(A1)"), ("-12.5", "-12.5"), ("+cmd", "'+cmd"),
        ("a,b", "\"a,b\""), ("say \"x\"", "\"say \"\"x\"\"\""), ("plain", "plain"), ("", ""),
        ("a\r\nb", "\"a\r\nb\""), ("a,\u{301}b", "\"a,\u{301}b\""), ("=\u{301}1", "'=\u{301}1"),
        ("\"\u{301}", "\"\"\"\u{301}\""),
    ])
    func csvCellsAreEscapedAndNeverFormulas(text: String, cell: String) {
        #expect(Renderer.csvCell(text) == cell)
    }

    @Test func timesAreRFC3339WithMicroseconds() {
        let time = Instant(microsecondsSince1970: 1_795_000_000_123_456)
        #expect(Record([("t", .time(time))]).json == #"{"t":"2026-11-18T11:06:40.123456Z"}"#)
    }

    @Test func recordsAreJSONWithFieldsInOrder() {
        let record = Record([("b", .text("x\"y")), ("a", .integer(1)), ("c", .absent)])
        #expect(record.json == #"{"b":"x\"y","a":1,"c":null}"#)
    }
}
